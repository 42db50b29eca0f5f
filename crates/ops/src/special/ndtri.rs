//! The number below which a standard normal number is with probability `input`.

use crate::elementwise::exp::exp;
use crate::elementwise::mul::mul;
use crate::elementwise::square::square;
use crate::invoke::{self, number};
use crate::shared::samples;
use crate::shared::special::by_element::{Function, function};
use crate::shared::special::normal;
use adjoint_autograd::{Api, OpDef, Tensor};
use adjoint_tensor::Result;
use std::f64::consts::PI;

struct Ndtri;

impl Function for Ndtri {
    fn value(x: f64) -> f64 {
        normal::ndtri(x)
    }
    fn slope(_x: &Tensor, y: &Tensor) -> Result<Tensor> {
        mul(&number((2.0 * PI).sqrt())?, &exp(&mul(&number(0.5)?, &square(y)?)?)?)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "ndtri",
    doc: "Returns the number below which a standard normal number is with probability `input`, element by element.\n\n\
          About 1e−14 relative. ∓∞ at 0 and 1, NaN outside. Computed in float64; integers give float32. \
          Source: PyTorch, `torch.special.ndtri`.",
    surface: &[Api::Special],
    in_place: false,
    node: "SpecialNdtriBackward0",
    samples: || samples::unary_in(0.06, 0.94, &[]),
    ..function::<Ndtri>()
}
.shipped();

/// The same for other ops.
pub fn ndtri(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
