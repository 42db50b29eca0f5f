//! Returns `J₁(input)`, the Bessel function of the first kind of order 1.

use crate::elementwise::sub::sub;
use crate::invoke;
use crate::shared::samples;
use crate::shared::special::bessel;
use crate::shared::special::by_element::{Function, function, ratio};
use adjoint_autograd::{Api, OpDef, Tensor};
use adjoint_tensor::Result;

struct J1;

impl Function for J1 {
    fn value(x: f64) -> f64 {
        bessel::j1(x)
    }
    fn slope(x: &Tensor, y: &Tensor) -> Result<Tensor> {
        sub(&super::bessel_j0::bessel_j0(x)?, &ratio(y, x)?)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "bessel_j1",
    doc: "Returns `J₁(input)`, the Bessel function of the first kind of order 1, element by element.\n\n\
          The error is about 1e−15 of the amplitude. Computed in float64; integers give float32. \
          Source: PyTorch, `torch.special.bessel_j1`.",
    surface: &[Api::Special],
    in_place: false,
    node: "SpecialBesselJ1Backward0",
    samples: || samples::unary_in(-3.0, 3.0, &[0.0]),
    ..function::<J1>()
}
.shipped();

/// The same for other ops.
pub fn bessel_j1(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
