//! Returns `Y₀(input)`, the Bessel function of the second kind of order 0.

use crate::elementwise::neg::neg;
use crate::invoke;
use crate::shared::samples;
use crate::shared::special::bessel;
use crate::shared::special::by_element::{Function, function};
use adjoint_autograd::{Api, OpDef, Tensor};
use adjoint_tensor::Result;

struct Y0;

impl Function for Y0 {
    fn value(x: f64) -> f64 {
        bessel::y0(x)
    }
    fn slope(x: &Tensor, _y: &Tensor) -> Result<Tensor> {
        neg(&super::bessel_y1::bessel_y1(x)?)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "bessel_y0",
    doc: "Returns `Y₀(input)`, the Bessel function of the second kind of order 0, element by element.\n\n\
          The error is about 1e−15 of the amplitude. −∞ at 0 and NaN below. Computed in float64; integers give float32. \
          Source: PyTorch, `torch.special.bessel_y0`.",
    surface: &[Api::Special],
    in_place: false,
    node: "SpecialBesselY0Backward0",
    samples: || samples::unary_in(0.3, 4.0, &[]),
    ..function::<Y0>()
}
.shipped();

/// The same for other ops.
pub fn bessel_y0(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
