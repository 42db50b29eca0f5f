//! `x` cut off at bounds.

use super::{clamp_max, clamp_min, maximum::maximum, minimum::minimum};
use crate::formula::{Algebra, Ring, RingUnary, ring_unary};
use crate::{invoke, samples};
use adjoint_autograd::op::{Default, Outputs};
use adjoint_autograd::{
    Arg, Attr, Attrs, Body, Class, ErrorSample, Kind, OpDef, Sample, SampleArg, SampleTensor, Saves, Tensor, Vjp,
};
use adjoint_tensor::{Code, Error, Result, Scalar};
use smallvec::smallvec;

struct Clamp;

impl RingUnary<2> for Clamp {
    fn f<R: Ring>(x: R, [low, high]: [R; 2]) -> R {
        x.max(low).min(high)
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, [low, high]: [A; 2]) -> A {
        A::select(low.lt(x) & x.lt(high), g, A::c(0.0))
    }
}

fn input<'a>(inputs: &[Option<&'a Tensor>]) -> Result<&'a Tensor> {
    inputs[0].ok_or_else(|| Error::usage("expected a tensor"))
}

fn no_bound() -> Error {
    Error::usage("at least one of min or max must be given")
}

fn by_numbers(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = input(inputs)?;
    Ok(smallvec![match (attrs.opt_scalar(0), attrs.opt_scalar(1)) {
        (Some(low), Some(high)) => clamp(x, low, high)?,
        (Some(low), None) => clamp_min::clamp_min(x, low)?,
        (None, Some(high)) => clamp_max::clamp_max(x, high)?,
        (None, None) => return Err(no_bound()),
    }])
}

fn by_tensors(inputs: &[Option<&Tensor>], _: &Attrs) -> Result<Outputs> {
    let x = input(inputs)?;
    let bound = |i: usize| inputs.get(i).copied().flatten();
    Ok(smallvec![match (bound(1), bound(2)) {
        (Some(low), Some(high)) => minimum(&maximum(x, low)?, high)?,
        (Some(low), None) => maximum(x, low)?,
        (None, Some(high)) => minimum(x, high)?,
        (None, None) => return Err(no_bound()),
    }])
}

fn both() -> Vec<Sample> {
    let mut out = samples::unary_in(-2.0, 2.0, &[-1.0, 0.5]);
    for sample in &mut out {
        sample.args.extend([-1.0, 0.5].map(|v| SampleArg::from(Attr::Scalar(Scalar::Float(v)))));
    }
    out
}

fn numbers() -> Vec<Sample> {
    let mut out = both();
    let t = || SampleTensor::new(&[5]).avoid(&[0.5]).into();
    let bound = || SampleArg::from(Attr::Scalar(Scalar::Float(0.5)));
    out.push(Sample::new("only min", vec![t(), bound(), Attr::None.into()]));
    out.push(Sample::new("only max", vec![t(), Attr::None.into(), bound()]));
    out
}

fn tensors() -> Vec<Sample> {
    let t = |shape: &[usize], low, high| SampleArg::from(SampleTensor::new(shape).distinct().range(low, high));
    vec![
        Sample::new("both bounds", vec![t(&[2, 3], -2.0, 2.0), t(&[3], -1.0, -0.2), t(&[2, 1], 0.2, 1.0)]),
        Sample::new("only max", vec![t(&[4], -2.0, 2.0), SampleArg::Tensors(vec![None]), t(&[], 0.0, 1.0)]),
    ]
}

const DOC: &str = "Returns `input`, at least `min` and at most `max`, element by element.\n\n\
     One bound may be left out. Where `min` is above `max` the result is `max`. NaN stays NaN. With numbers as bounds the gradient is 0 at and \
     beyond them, and the result's dtype is what `input` and the bounds promote to. Bounds may also be tensors, which broadcast; they \
     get the gradient where they are the result, half of it where `input` equals them. Source: PyTorch, `torch.clamp`.";

/// The ops: with numbers, with tensors, and the kernel with both numbers.
pub static DEFS: &[&OpDef] = &[&CLAMP, &CLAMP_TENSOR, &BOTH];

const NUMBERS: &[Arg] = &[
    Arg::tensor("input"),
    Arg::optional("min", Kind::Scalar, Default::None),
    Arg::optional("max", Kind::Scalar, Default::None),
];

static CLAMP: OpDef = OpDef {
    name: "clamp",
    doc: DOC,
    args: NUMBERS,
    class: Class::Composite,
    in_place: true,
    body: Body::Composite(by_numbers),
    vjp: Vjp::Composite,
    samples: numbers,
    errors: || {
        vec![ErrorSample {
            sample: Sample::new("no bound", vec![SampleTensor::new(&[3]).into(), Attr::None.into(), Attr::None.into()]),
            code: Code::Usage,
            message: "at least one of min or max",
        }]
    },
    ..OpDef::BASE
};

static CLAMP_TENSOR: OpDef = OpDef {
    name: "clamp.tensor",
    doc: DOC,
    args: &[
        Arg::tensor("input"),
        Arg::optional("min", Kind::Tensor, Default::None),
        Arg::optional("max", Kind::Tensor, Default::None),
    ],
    class: Class::Composite,
    in_place: true,
    body: Body::Composite(by_tensors),
    vjp: Vjp::Composite,
    samples: tensors,
    ..OpDef::BASE
};

static BOTH: OpDef = OpDef {
    name: "_clamp",
    doc: "`input`, at least `min` and at most `max`.",
    args: NUMBERS,
    node: "ClampBackward1",
    surface: &[],
    in_place: false,
    saves: Saves::INPUT,
    samples: both,
    ..ring_unary::<Clamp, 2>()
};

/// `x`, at least `low` and at most `high`.
pub fn clamp(x: &Tensor, low: Scalar, high: Scalar) -> Result<Tensor> {
    invoke::with(&BOTH, &[Some(x)], Attrs::new().scalar(low).scalar(high))
}
