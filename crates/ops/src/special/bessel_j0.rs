//! Returns `J₀(input)`, the Bessel function of the first kind of order 0.

use crate::elementwise::neg::neg;
use crate::invoke;
use crate::shared::samples;
use crate::shared::special::bessel;
use crate::shared::special::by_element::{Function, function};
use adjoint_autograd::{Api, OpDef, Tensor};
use adjoint_tensor::Result;

struct J0;

impl Function for J0 {
    fn value(x: f64) -> f64 {
        bessel::j0(x)
    }
    fn slope(x: &Tensor, _y: &Tensor) -> Result<Tensor> {
        neg(&super::bessel_j1::bessel_j1(x)?)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "bessel_j0",
    doc: "Returns `J₀(input)`, the Bessel function of the first kind of order 0, element by element.\n\n\
          The error is about 1e−15 of the amplitude. Computed in float64; integers give float32. \
          Source: PyTorch, `torch.special.bessel_j0`.",
    surface: &[Api::Special],
    in_place: false,
    node: "SpecialBesselJ0Backward0",
    samples: || samples::unary_in(-3.0, 3.0, &[0.0]),
    ..function::<J0>()
}
.shipped();

/// The same for other ops.
pub fn bessel_j0(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
