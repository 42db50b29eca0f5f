//! `x` cut off at bounds.

use super::{clamp_max, clamp_min};
use crate::formula::{Algebra, Loops, Ring, RingUnary, ring_unary};
use crate::{invoke, samples};
use adjoint_autograd::op::{Check, Default, Outputs};
use adjoint_autograd::{
    Arg, Attr, Attrs, Body, ErrorSample, Kind, OpDef, Params, Sample, SampleArg, SampleTensor, Saves, Tensor,
};
use adjoint_tensor::{Code, Error, Result, Scalar};
use smallvec::smallvec;

struct Clamp;

impl RingUnary<2> for Clamp {
    const LOOPS: Loops = Loops::Both;
    fn f<R: Ring>(x: R, [low, high]: [R; 2]) -> R {
        x.max(low).min(high)
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, [low, high]: [A; 2]) -> A {
        // A bound that was left out is infinite, and infinite elements are inside it.
        let infinity = A::c(f64::INFINITY);
        let above = low.lt(x) | low.eq(-infinity);
        let below = x.lt(high) | high.eq(infinity);
        A::select(above & below, g, A::c(0.0))
    }
}

/// The bounds, infinite where they were left out.
fn bounds(attrs: &Attrs) -> Result<Params> {
    Ok([attrs.opt_float(0).unwrap_or(f64::NEG_INFINITY), attrs.opt_float(1).unwrap_or(f64::INFINITY)]
        .into_iter()
        .collect())
}

fn input<'a>(inputs: &[Option<&'a Tensor>]) -> Result<&'a Tensor> {
    inputs[0].ok_or_else(|| Error::usage("expected a tensor"))
}

fn no_bound() -> Error {
    Error::usage("at least one of min or max must be given")
}

fn by_tensors(inputs: &[Option<&Tensor>], _: &Attrs) -> Result<Outputs> {
    let x = input(inputs)?;
    let bound = |i: usize| inputs.get(i).copied().flatten();
    Ok(smallvec![match (bound(1), bound(2)) {
        (Some(low), Some(high)) => clamp_max::clamp_max_tensor(&clamp_min::clamp_min_tensor(x, low)?, high)?,
        (Some(low), None) => clamp_min::clamp_min_tensor(x, low)?,
        (None, Some(high)) => clamp_max::clamp_max_tensor(x, high)?,
        (None, None) => return Err(no_bound()),
    }])
}

fn numbers() -> Vec<Sample> {
    let mut out = samples::unary_in(-2.0, 2.0, &[-1.0, 0.5]);
    for sample in &mut out {
        sample.args.extend([-1.0, 0.5].map(|v| SampleArg::from(Attr::Scalar(Scalar::Float(v)))));
    }
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

/// The kernel, with its numbers made from bounds that may be absent.
const CLAMP_KERNEL: OpDef = {
    let op = ring_unary::<Clamp, 2>();
    let Body::Elementwise { blocks, .. } = op.body else { panic!("an elementwise op") };
    OpDef { body: Body::Elementwise { blocks, params: bounds }, ..op }
};

/// The ops: with numbers, and with tensors.
pub static DEFS: &[&OpDef] = &[&CLAMP, &CLAMP_TENSOR];

static CLAMP: OpDef = OpDef {
    name: "clamp",
    doc: DOC,
    args: &[
        Arg::tensor("input"),
        Arg::optional("min", Kind::Scalar, Default::None),
        Arg::optional("max", Kind::Scalar, Default::None),
    ],
    node: "ClampBackward1",
    check: Check::Attributes(|_, attrs, _| match (attrs.opt_scalar(0), attrs.opt_scalar(1)) {
        (None, None) => Err(no_bound()),
        _ => Ok(()),
    }),
    saves: Saves::INPUT,
    samples: numbers,
    errors: || {
        vec![ErrorSample {
            sample: Sample::new("no bound", vec![SampleTensor::new(&[3]).into(), Attr::None.into(), Attr::None.into()]),
            code: Code::Usage,
            message: "at least one of min or max",
        }]
    },
    ..CLAMP_KERNEL
}
.shipped();

static CLAMP_TENSOR: OpDef = OpDef {
    name: "clamp.tensor",
    doc: DOC,
    args: &[
        Arg::tensor("input"),
        Arg::optional("min", Kind::Tensor, Default::None),
        Arg::optional("max", Kind::Tensor, Default::None),
    ],
    body: Body::Composite(by_tensors),
    samples: tensors,
    ..OpDef::COMPOSITE
}
.shipped();

/// `x`, at least `low` and at most `high`.
pub fn clamp(x: &Tensor, low: Scalar, high: Scalar) -> Result<Tensor> {
    invoke::with(&CLAMP, &[Some(x)], Attrs::new().scalar(low).scalar(high))
}
