//! `soft_margin_loss`: two classes, −1 and 1, by the logistic loss.

use super::reduction::{self, Reduction, one};
use crate::elementwise::logsigmoid::logsigmoid;
use crate::elementwise::mul::mul;
use crate::elementwise::neg::neg;
use crate::samples;
use adjoint_autograd::{Arg, Attrs, Body, OpDef, Outputs, SampleTensor, Tensor};
use adjoint_tensor::Result;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (x, y) = reduction::operands(inputs)?;
    // As −log σ(target · input), whose derivatives do not cancel for large arguments.
    one(Reduction::of(attrs, 0).apply(neg(&logsigmoid(&mul(y, x)?)?)?)?)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "soft_margin_loss",
    doc: "Returns `log(1 + exp(−target · input))`, reduced. Source: PyTorch, `torch.nn.functional.soft_margin_loss`.",
    args: &[Arg::tensor("input"), Arg::tensor("target"), reduction::ARG],
    body: Body::Composite(body),
    samples: || reduction::samples(SampleTensor::new(&[3]), SampleTensor::new(&[3]), &[]),
    errors: samples::binary_errors,
    ..reduction::COMPOSITE_LOSS
}
.shipped();
