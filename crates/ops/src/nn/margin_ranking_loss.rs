//! `margin_ranking_loss`: which of two scores is the higher, by a margin.

use crate::elementwise::add::add;
use crate::elementwise::mul::mul;
use crate::elementwise::neg::neg;
use crate::elementwise::sub::sub;
use crate::invoke::number;
use crate::shared::nn::reduction::{self, Reduction, one};
use adjoint_autograd::{Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Tensor};
use adjoint_tensor::{Error, Result};

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [a, b, y] = reduction::three(inputs)?;
    if a.rank() != b.rank() || a.rank() != y.rank() {
        return Err(Error::shape(format!(
            "all input tensors should have same dimension but got sizes: input1 {:?}, input2 {:?}, target {:?}",
            a.shape(),
            b.shape(),
            y.shape()
        )));
    }
    let margin = number(attrs.opt_float(0).unwrap_or(0.0))?;
    let losses = reduction::hinge(&add(&mul(&neg(y)?, &sub(a, b)?)?, &margin)?)?;
    one(Reduction::of(attrs, 1).apply(losses)?)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "margin_ranking_loss",
    doc: "Returns `max(0, −target · (input1 − input2) + margin)`, reduced. Source: PyTorch, \
          `torch.nn.functional.margin_ranking_loss`.",
    args: &[
        Arg::tensor("input1"),
        Arg::tensor("input2"),
        Arg::tensor("target"),
        Arg::optional("margin", Kind::Float, Default::Float(0.0)),
        reduction::ARG,
    ],
    older: reduction::OlderAt::<4, 5>::ARGS,
    body: Body::Composite(body),
    samples: || {
        vec![reduction::sample(
            "three",
            vec![
                reduction::three_numbers(-2.0, -0.5),
                reduction::three_numbers(0.5, 2.0),
                reduction::three_numbers(0.5, 1.0),
            ],
            vec![Attr::Float(0.1)],
        )]
    },
    ..reduction::COMPOSITE_LOSS
}
.shipped();
