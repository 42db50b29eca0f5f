//! The logarithm of the probability that a standard normal number is below `input`.

use crate::elementwise::div::div;
use crate::elementwise::eq::eq;
use crate::elementwise::mul::mul;
use crate::elementwise::where_::where_;
use crate::invoke::{self, number};
use crate::shared::samples;
use crate::shared::special::by_element::{Function, function};
use crate::shared::special::normal;
use adjoint_autograd::{Api, OpDef, Tensor};
use adjoint_tensor::Result;
use std::f64::consts::{FRAC_1_SQRT_2, PI};

struct LogNdtr;

impl Function for LogNdtr {
    fn value(x: f64) -> f64 {
        normal::log_ndtr(x)
    }
    fn slope(x: &Tensor, _y: &Tensor) -> Result<Tensor> {
        let slope = div(&number((2.0 / PI).sqrt())?, &super::erfcx::erfcx(&mul(&number(-FRAC_1_SQRT_2)?, x)?)?)?;
        // NaN at −∞ is PyTorch's.
        where_(&eq(x, &number(f64::NEG_INFINITY)?)?, &number(f64::NAN)?, &slope)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "log_ndtr",
    doc: "Returns the logarithm of the probability that a standard normal number is below `input`, element by element.\n\n\
          About 1e−14 relative, also where the probability is tiny. Computed in float64; integers give float32. \
          Source: PyTorch, `torch.special.log_ndtr`.",
    surface: &[Api::Special],
    in_place: false,
    node: "SpecialLogNdtrBackward0",
    samples: || samples::unary_in(-3.0, 3.0, &[0.0]),
    ..function::<LogNdtr>()
}
.shipped();

/// The same for other ops.
pub fn log_ndtr(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
