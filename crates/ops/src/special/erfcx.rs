//! Returns `e^(input²) · erfc(input)`.

use crate::elementwise::mul::mul;
use crate::elementwise::sub::sub;
use crate::invoke::{self, number};
use crate::shared::samples;
use crate::shared::special::by_element::{Function, function};
use crate::shared::special::normal;
use adjoint_autograd::{Api, OpDef, Tensor};
use adjoint_tensor::Result;
use std::f64::consts::FRAC_2_SQRT_PI;

struct Erfcx;

impl Function for Erfcx {
    fn value(x: f64) -> f64 {
        normal::erfcx(x)
    }
    fn slope(x: &Tensor, y: &Tensor) -> Result<Tensor> {
        sub(&mul(&mul(&number(2.0)?, x)?, y)?, &number(FRAC_2_SQRT_PI)?)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "erfcx",
    doc: "Returns `e^(input²) · erfc(input)`, element by element.\n\n\
          About 1e−14 relative. Computed in float64; integers give float32. \
          Source: PyTorch, `torch.special.erfcx`.",
    surface: &[Api::Special],
    in_place: false,
    node: "SpecialErfcxBackward0",
    samples: || samples::unary_in(-1.5, 2.0, &[]),
    ..function::<Erfcx>()
}
.shipped();

/// The same for other ops.
pub fn erfcx(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
