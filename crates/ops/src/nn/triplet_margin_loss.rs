//! `triplet_margin_loss`: an anchor nearer to one than to another.

use super::normalize;
use crate::elementwise::add::add;
use crate::elementwise::minimum::minimum;
use crate::elementwise::sub::sub;
use crate::invoke::{self, number};
use crate::shared::nn::reduction::{self, Reduction, one};
use adjoint_autograd::{Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, SampleTensor, Tensor};
use adjoint_tensor::{Error, Result};

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [anchor, positive, negative] = reduction::three(inputs)?;
    if anchor.rank() != positive.rank() || anchor.rank() != negative.rank() {
        return Err(Error::shape(format!(
            "the anchor, positive, and negative tensors are expected to have the same number of dimensions, but got {}, {} and {}",
            anchor.rank(),
            positive.rank(),
            negative.rank()
        )));
    }
    let (margin, p, eps) =
        (attrs.opt_float(0).unwrap_or(1.0), attrs.opt_float(1).unwrap_or(2.0), attrs.opt_float(2).unwrap_or(1e-6));
    if margin <= 0.0 {
        return Err(Error::usage(format!("margin must be greater than 0, got {margin}")));
    }
    let distance = |a: &Tensor, b: &Tensor| {
        invoke::with(normalize::DEFS[2], &[Some(a), Some(b)], Attrs::new().float(p).float(eps).bool(false))
    };
    let mut far = distance(anchor, negative)?;
    if attrs.get_bool(3) {
        far = minimum(&far, &distance(positive, negative)?)?;
    }
    let losses = reduction::hinge(&add(&sub(&distance(anchor, positive)?, &far)?, &number(margin)?)?)?;
    one(Reduction::of(attrs, 4).apply(losses)?)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "triplet_margin_loss",
    doc: "Returns `max(0, d(anchor, positive) − d(anchor, negative) + margin)`, reduced, with `d` the `pairwiseDistance` of order `p`.\n\n\
          With `swap` the smaller of the distances to `negative` from `anchor` and from `positive` counts. Source: PyTorch, \
          `torch.nn.functional.triplet_margin_loss`.",
    args: &[
        Arg::tensor("anchor"),
        Arg::tensor("positive"),
        Arg::tensor("negative"),
        Arg::optional("margin", Kind::Float, Default::Float(1.0)),
        Arg::optional("p", Kind::Float, Default::Float(2.0)),
        Arg::optional("eps", Kind::Float, Default::Float(1e-6)),
        Arg::optional("swap", Kind::Bool, Default::Bool(false)),
        reduction::ARG,
    ],
    older: reduction::OlderAt::<7, 8>::ARGS,
    body: Body::Composite(body),
    samples: || {
        let x = || SampleTensor::new(&[2, 3]).distinct();
        vec![reduction::sample("two", vec![x(), x(), x()], vec![Attr::Float(9.0)])]
    },
    ..reduction::COMPOSITE_LOSS
}
.shipped();
