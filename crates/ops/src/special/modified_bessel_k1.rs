//! Returns `K₁(input)`, the modified Bessel function of the second kind of order 1.

use crate::elementwise::add::add;
use crate::elementwise::div::div;
use crate::elementwise::neg::neg;
use crate::invoke;
use crate::shared::samples;
use crate::shared::special::by_element::{Function, function};
use crate::shared::special::modified_bessel;
use adjoint_autograd::{Api, OpDef, Tensor};
use adjoint_tensor::Result;

struct ModifiedK1;

impl Function for ModifiedK1 {
    fn value(x: f64) -> f64 {
        modified_bessel::k(1.0, x)
    }
    fn slope(x: &Tensor, y: &Tensor) -> Result<Tensor> {
        neg(&add(&super::modified_bessel_k0::modified_bessel_k0(x)?, &div(y, x)?)?)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "modified_bessel_k1",
    doc: "Returns `K₁(input)`, the modified Bessel function of the second kind of order 1, element by element.\n\n\
          About 1e−14 relative. ∞ at 0 and NaN below. Computed in float64; integers give float32. \
          Source: PyTorch, `torch.special.modified_bessel_k1`.",
    surface: &[Api::Special],
    in_place: false,
    node: "SpecialModifiedBesselK1Backward0",
    samples: || samples::unary_in(0.3, 4.0, &[]),
    ..function::<ModifiedK1>()
}
.shipped();

/// The same for other ops.
pub fn modified_bessel_k1(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
