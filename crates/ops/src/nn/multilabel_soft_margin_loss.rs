//! `multilabel_soft_margin_loss`: several classes at once.

use crate::elementwise::add::add;
use crate::elementwise::logsigmoid::logsigmoid;
use crate::elementwise::mul::mul;
use crate::elementwise::neg::neg;
use crate::elementwise::sub::sub;
use crate::invoke::number;
use crate::reduce::mean::mean_dims;
use crate::shared::nn::reduction::{self, Reduction, one};
use crate::shared::samples;
use adjoint_autograd::{
    Arg, Attrs, Body, Default, Kind, NodeNaming, OpDef, Outputs, Sample, SampleTensor, Tensor, given,
};
use adjoint_tensor::{Error, Result};

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (x, y) = reduction::operands(inputs)?;
    if x.rank() == 0 {
        return Err(Error::shape("input needs a dim of classes, got a 0-dim tensor"));
    }
    let positive = mul(y, &logsigmoid(x)?)?;
    let negative = mul(&sub(&number(1.0)?, y)?, &logsigmoid(&neg(x)?)?)?;
    let mut losses = neg(&add(&positive, &negative)?)?;
    if let Some(weight) = given(inputs, 2) {
        losses = mul(&losses, weight)?;
    }
    one(Reduction::of(attrs, 0).apply(mean_dims(&losses, &[x.rank() - 1], false)?)?)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "multilabel_soft_margin_loss",
    doc: "Returns the mean over the last dim of the cross entropy of `sigmoid(input)` and `target`, reduced. Source: PyTorch, \
          `torch.nn.functional.multilabel_soft_margin_loss`.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("target"),
        Arg::optional("weight", Kind::Tensor, Default::None),
        reduction::ARG,
    ],
    older: reduction::OlderAt::<3, 4>::ARGS,
    shown: NodeNaming::of_result(|_, attrs| match Reduction::of(attrs, 0) {
        // PyTorch divides a sum.
        Reduction::None => "DivBackward0",
        _ => "",
    }),
    body: Body::Composite(body),
    samples: || {
        let args = vec![SampleTensor::new(&[2, 3]).into(), SampleTensor::new(&[2, 3]).range(0.1, 0.9).into()];
        vec![Sample::new("two rows", args)]
    },
    errors: samples::binary_errors,
    ..reduction::COMPOSITE_LOSS
}
.shipped();
