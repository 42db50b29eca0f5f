//! `hinge_embedding_loss`: distances small or above a margin.

use crate::elementwise::add::add;
use crate::elementwise::eq::eq;
use crate::elementwise::sub::sub;
use crate::elementwise::where_::where_;
use crate::invoke::number;
use crate::shared::nn::reduction::{self, Reduction, one};
use adjoint_autograd::{Arg, Attrs, Body, Default, Kind, OpDef, Outputs, SampleTensor, Tensor};
use adjoint_tensor::Result;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (x, y) = reduction::operands(inputs)?;
    let zero = number(0.0)?;
    let far = reduction::hinge(&sub(&number(attrs.opt_float(0).unwrap_or(1.0))?, x)?)?;
    let far = where_(&eq(y, &number(1.0)?)?, &zero, &far)?;
    let near = where_(&eq(y, &number(-1.0)?)?, &zero, x)?;
    one(Reduction::of(attrs, 1).apply(add(&far, &near)?)?)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "hinge_embedding_loss",
    doc: "Returns `input` where `target` is 1 and `max(0, margin − input)` where it is −1, reduced. Source: PyTorch, \
          `torch.nn.functional.hinge_embedding_loss`.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("target"),
        Arg::optional("margin", Kind::Float, Default::Float(1.0)),
        reduction::ARG,
    ],
    older: reduction::OlderAt::<3, 4>::ARGS,
    body: Body::Composite(body),
    samples: || {
        vec![reduction::sample(
            "near",
            vec![reduction::three_numbers(-2.0, 0.8), SampleTensor::new(&[3]).range(1.0, 1.0).constant()],
            vec![],
        )]
    },
    ..reduction::COMPOSITE_LOSS
}
.shipped();
