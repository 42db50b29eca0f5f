//! Returns `e^(−|input|) I₀(input)`, the scaled modified Bessel function of the first kind of order 0.

use super::i1e;
use crate::elementwise::mul::mul;
use crate::elementwise::sign::sign;
use crate::elementwise::sub::sub;
use crate::invoke;
use crate::shared::samples;
use crate::shared::special::by_element::{Function, function};
use crate::shared::special::modified_bessel;
use adjoint_autograd::{Api, OpDef, Tensor};
use adjoint_tensor::Result;

struct I0e;

impl Function for I0e {
    fn value(x: f64) -> f64 {
        modified_bessel::scaled_i(0, x)
    }
    fn slope(x: &Tensor, y: &Tensor) -> Result<Tensor> {
        sub(&i1e::i1e(x)?, &mul(&sign(x)?, y)?)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "i0e",
    doc: "Returns `e^(−|input|) I₀(input)`, the scaled modified Bessel function of the first kind of order 0, element by element.\n\n\
          About 1e−14 relative. Computed in float64; integers give float32. \
          Source: PyTorch, `torch.special.i0e`.",
    surface: &[Api::Special],
    in_place: false,
    node: "SpecialI0EBackward0",
    samples: || samples::unary_in(-3.0, 3.0, &[0.0]),
    ..function::<I0e>()
}
.shipped();

/// The same for other ops.
pub fn i0e(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
