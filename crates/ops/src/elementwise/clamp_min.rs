//! `x` cut off at a bound below.

use super::maximum::maximum;
use crate::formula::{Algebra, Ring, RingUnary, ring_unary};
use crate::{invoke, samples};
use adjoint_autograd::{Arg, Attr, Attrs, Body, Class, Kind, OpDef, Sample, SampleArg, Saves, Tensor, Vjp};
use adjoint_tensor::{Error, Result, Scalar};
use smallvec::smallvec;

struct ClampMin;

impl RingUnary<1> for ClampMin {
    fn f<R: Ring>(x: R, [bound]: [R; 1]) -> R {
        x.max(bound)
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, [bound]: [A; 1]) -> A {
        A::select(x.gt(bound), g, A::c(0.0))
    }
}

fn samples() -> Vec<Sample> {
    let mut out = samples::unary_in(-2.0, 2.0, &[0.5]);
    for sample in &mut out {
        sample.args.push(SampleArg::from(Attr::Scalar(Scalar::Float(0.5))));
    }
    out
}

const DOC: &str = "Returns `input`, at least `min`, element by element.\n\n\
     With a number as bound the gradient is 0 at and beyond it; a tensor broadcasts and shares the gradient where they are equal. NaN \
     stays NaN. dtypes promote. Source: PyTorch, `torch.clamp_min`.";

/// The ops: with a number, and with a tensor.
pub static DEFS: &[&OpDef] = &[&NUMBER, &TENSOR];

static NUMBER: OpDef = OpDef {
    name: "clamp_min",
    doc: DOC,
    args: &[Arg::tensor("input"), Arg::required("min", Kind::Scalar)],
    node: "ClampMinBackward0",
    saves: Saves::INPUT,
    samples,
    ..ring_unary::<ClampMin, 1>()
};

static TENSOR: OpDef = OpDef {
    name: "clamp_min.tensor",
    doc: DOC,
    args: &[Arg::tensor("input"), Arg::tensor("min")],
    class: Class::Composite,
    in_place: true,
    body: Body::Composite(|inputs, _| match *inputs {
        [Some(x), Some(bound)] => Ok(smallvec![maximum(x, bound)?]),
        _ => Err(Error::usage("expected two tensors")),
    }),
    vjp: Vjp::Composite,
    samples: samples::binary,
    errors: samples::binary_errors,
    ..OpDef::BASE
};

/// `x`, at least `bound`.
pub fn clamp_min(x: &Tensor, bound: Scalar) -> Result<Tensor> {
    invoke::with(&NUMBER, &[Some(x)], Attrs::new().scalar(bound))
}
