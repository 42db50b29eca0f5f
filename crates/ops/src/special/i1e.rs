//! Returns `e^(−|input|) I₁(input)`, the scaled modified Bessel function of the first kind of order 1.

use super::i0e;
use crate::elementwise::add::add;
use crate::elementwise::mul::mul;
use crate::elementwise::sign::sign;
use crate::elementwise::sub::sub;
use crate::invoke;
use crate::shared::samples;
use crate::shared::special::by_element::{Function, function, ratio};
use crate::shared::special::modified_bessel;
use adjoint_autograd::{Api, OpDef, Tensor};
use adjoint_tensor::Result;

struct I1e;

impl Function for I1e {
    fn value(x: f64) -> f64 {
        modified_bessel::scaled_i(1, x)
    }
    fn slope(x: &Tensor, y: &Tensor) -> Result<Tensor> {
        sub(&i0e::i0e(x)?, &add(&mul(&sign(x)?, y)?, &ratio(y, x)?)?)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "i1e",
    doc: "Returns `e^(−|input|) I₁(input)`, the scaled modified Bessel function of the first kind of order 1, element by element.\n\n\
          About 1e−14 relative. Computed in float64; integers give float32. \
          Source: PyTorch, `torch.special.i1e`.",
    surface: &[Api::Special],
    in_place: false,
    node: "SpecialI1EBackward0",
    samples: || samples::unary_in(-3.0, 3.0, &[0.0]),
    ..function::<I1e>()
}
.shipped();

/// The same for other ops.
pub fn i1e(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
