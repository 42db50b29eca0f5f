//! The absolute error.

use super::mse_loss::ARGS;
use crate::elementwise::{abs::abs, sub::sub};
use crate::shared::nn::reduction::{self, Reduction, one, operands};
use crate::shared::samples;
use adjoint_autograd::{Api, Body, OpDef, SampleTensor, given};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "l1_loss",
    doc: "Returns the absolute error `|input − target|`, reduced.\n\n\
          `reduction` is `\"mean\"`, `\"sum\"` or `\"none\"`. `weight`, of the same shape, multiplies the errors; the mean is then divided by the sum of \
          the weights. The derivative at an error of 0 is 0. Shapes broadcast. Source: PyTorch, `torch.nn.functional.l1_loss`.",
    args: ARGS,
    older: reduction::OlderAt::<2, 3>::ARGS,
    surface: &[Api::Functional],
    body: Body::Composite(|inputs, attrs| {
        let (x, target) = operands(inputs)?;
        let losses = abs(&sub(x, target)?)?;
        let reduction = Reduction::of(attrs, 0);
        one(match given(inputs, 2) {
            Some(w) => reduction.apply_weighted(&losses, w)?,
            None => reduction.apply(losses)?,
        })
    }),
    samples: || {
        let (low, high) = (SampleTensor::new(&[2, 3]).range(-2.0, 0.0), SampleTensor::new(&[2, 3]).range(0.1, 2.0));
        reduction::samples(low, high, &[])
    },
    errors: samples::binary_errors,
    ..OpDef::COMPOSITE
}
.shipped();
