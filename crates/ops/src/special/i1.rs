//! Returns `I₁(input)`, the modified Bessel function of the first kind of order 1.

use crate::elementwise::i0::i0;
use crate::elementwise::sub::sub;
use crate::invoke;
use crate::shared::samples;
use crate::shared::special::by_element::{Function, function, ratio};
use crate::shared::special::modified_bessel;
use adjoint_autograd::{Api, OpDef, Tensor};
use adjoint_tensor::Result;

struct I1;

impl Function for I1 {
    fn value(x: f64) -> f64 {
        modified_bessel::i(1, x)
    }
    fn slope(x: &Tensor, y: &Tensor) -> Result<Tensor> {
        sub(&i0(x)?, &ratio(y, x)?)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "i1",
    doc: "Returns `I₁(input)`, the modified Bessel function of the first kind of order 1, element by element.\n\n\
          About 1e−14 relative. Computed in float64; integers give float32. \
          Source: PyTorch, `torch.special.i1`.",
    surface: &[Api::Special],
    in_place: false,
    node: "SpecialI1Backward0",
    samples: || samples::unary_in(-3.0, 3.0, &[0.0]),
    ..function::<I1>()
}
.shipped();

/// The same for other ops.
pub fn i1(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
