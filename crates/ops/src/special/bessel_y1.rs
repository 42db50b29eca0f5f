//! Returns `Y₁(input)`, the Bessel function of the second kind of order 1.

use crate::elementwise::div::div;
use crate::elementwise::sub::sub;
use crate::invoke;
use crate::shared::samples;
use crate::shared::special::bessel;
use crate::shared::special::by_element::{Function, function};
use adjoint_autograd::{Api, OpDef, Tensor};
use adjoint_tensor::Result;

struct Y1;

impl Function for Y1 {
    fn value(x: f64) -> f64 {
        bessel::y1(x)
    }
    fn slope(x: &Tensor, y: &Tensor) -> Result<Tensor> {
        sub(&super::bessel_y0::bessel_y0(x)?, &div(y, x)?)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "bessel_y1",
    doc: "Returns `Y₁(input)`, the Bessel function of the second kind of order 1, element by element.\n\n\
          The error is about 1e−15 of the amplitude. −∞ at 0 and NaN below. Computed in float64; integers give float32. \
          Source: PyTorch, `torch.special.bessel_y1`.",
    surface: &[Api::Special],
    in_place: false,
    node: "SpecialBesselY1Backward0",
    samples: || samples::unary_in(0.3, 4.0, &[]),
    ..function::<Y1>()
}
.shipped();

/// The same for other ops.
pub fn bessel_y1(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
