//! The modified Bessel function of the first kind of order 0.

use crate::invoke;
use crate::shared::samples;
use crate::shared::special::by_element::{Function, function};
use crate::shared::special::modified_bessel;
use crate::special::i1::i1;
use adjoint_autograd::{Api, OpDef, Tensor};
use adjoint_tensor::Result;

struct I0;

impl Function for I0 {
    fn value(x: f64) -> f64 {
        modified_bessel::i(0, x)
    }
    fn slope(x: &Tensor, _y: &Tensor) -> Result<Tensor> {
        i1(x)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "i0",
    doc: "Returns `I₀(input)`, the modified Bessel function of the first kind of order 0, element by element.\n\n\
          About 1e−14 relative. Computed in float64; integers give float32. Source: PyTorch, `torch.i0`.",
    surface: &[Api::Function, Api::Method, Api::Special],
    node: "I0Backward0",
    samples: || samples::unary_in(-3.0, 3.0, &[]),
    ..function::<I0>()
}
.shipped();

/// The same for other ops.
pub fn i0(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
