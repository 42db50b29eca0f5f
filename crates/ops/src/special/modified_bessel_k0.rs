//! Returns `K₀(input)`, the modified Bessel function of the second kind of order 0.

use crate::elementwise::neg::neg;
use crate::invoke;
use crate::shared::samples;
use crate::shared::special::by_element::{Function, function};
use crate::shared::special::modified_bessel;
use adjoint_autograd::{Api, OpDef, Tensor};
use adjoint_tensor::Result;

struct ModifiedK0;

impl Function for ModifiedK0 {
    fn value(x: f64) -> f64 {
        modified_bessel::k(0.0, x)
    }
    fn slope(x: &Tensor, _y: &Tensor) -> Result<Tensor> {
        neg(&super::modified_bessel_k1::modified_bessel_k1(x)?)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "modified_bessel_k0",
    doc: "Returns `K₀(input)`, the modified Bessel function of the second kind of order 0, element by element.\n\n\
          About 1e−14 relative. ∞ at 0 and NaN below. Computed in float64; integers give float32. \
          Source: PyTorch, `torch.special.modified_bessel_k0`.",
    surface: &[Api::Special],
    in_place: false,
    node: "SpecialModifiedBesselK0Backward0",
    samples: || samples::unary_in(0.3, 4.0, &[]),
    ..function::<ModifiedK0>()
}
.shipped();

/// The same for other ops.
pub fn modified_bessel_k0(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
