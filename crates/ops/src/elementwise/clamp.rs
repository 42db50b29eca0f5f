//! `x` cut off at bounds.

use super::{clamp_max, clamp_min};
use crate::formula::{
    Algebra, Loops, Ring, RingTernary, RingUnary, at_least, at_most, ring_ternary, ring_unary, with_bounds,
};
use crate::invoke;
use crate::shared::checks;
use crate::shared::samples;
use adjoint_autograd::op::{Check, Default, Outputs};
use adjoint_autograd::{
    Alias, Arg, Attr, Attrs, Body, ErrorSample, Kind, OpDef, Params, Sample, SampleArg, SampleTensor, Saves, Tensor,
};
use adjoint_tensor::{Code, Error, Result, Scalar};
use smallvec::smallvec;

struct Clamp;

impl RingUnary<5> for Clamp {
    const LOOPS: Loops = Loops::Both;
    fn f<R: Ring>(x: R, [low, high, unit, _, _]: [R; 5]) -> R {
        x.at_least(low).at_most(high) * unit
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, [low, high, _, no_low, no_high]: [A; 5]) -> A {
        let zero = A::c(0.0);
        let above = low.lt(x) | no_low.ne(zero);
        let below = x.lt(high) | no_high.ne(zero);
        A::select(above & below, g, zero)
    }
}

/// The bounds, infinite where they were left out; 1, or NaN where a bound is, since then everything
/// is; and for the gradient, to which an infinite bound is another thing than none, whether they
/// were left out.
fn bounds(attrs: &Attrs) -> Result<Params> {
    let (low, high) = (attrs.opt_float(0), attrs.opt_float(1));
    let absent = |bound: Option<f64>| f64::from(u8::from(bound.is_none()));
    let nan = [low, high].into_iter().flatten().any(f64::is_nan);
    let unit = if nan { f64::NAN } else { 1.0 };
    let (least, most) = (low.unwrap_or(f64::NEG_INFINITY), high.unwrap_or(f64::INFINITY));
    Ok([least, most, unit, absent(low), absent(high)].into_iter().collect())
}

/// Both bounds as tensors, in one pass.
struct ClampTensor;

impl RingTernary<0> for ClampTensor {
    const LOOPS: Loops = Loops::Both;
    fn f<R: Ring>([x, low, high]: [R; 3], []: [R; 0]) -> R {
        let nan = R::select(x.is_nan(), x, low);
        let bounded = at_most(at_least(x, low), high);
        R::select(x.is_nan() | low.is_nan(), nan, bounded)
    }
    fn vjp<A: Algebra>(g: A, [x, low, high]: [A; 3], _y: A, []: [A; 0]) -> [A; 3] {
        // PyTorch's rules: a tie with one of two bounds apart is shared, one with both is the
        // input's; where the bounds have crossed, or one is NaN, only comparisons that hold count.
        let (zero, half, apart) = (A::c(0.0), A::c(0.5) * g, low.lt(high));
        let (at_low, at_high) = (x.eq(low) & apart, x.eq(high) & apart);
        let dx = A::select(x.lt(low) | x.gt(high), zero, A::select(at_low | at_high, half, g));
        let ordered = low.le(high);
        let dlow = A::select(x.lt(low) & ordered, g, A::select(at_low, half, zero));
        let dhigh = A::select(low.gt(high) | (x.gt(high) & ordered), g, A::select(at_high, half, zero));
        [dx, dlow, dhigh]
    }
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
        (Some(low), Some(high)) => invoke::with(&BOTH_TENSORS, &[Some(x), Some(low), Some(high)], Attrs::new())?,
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
    let op = with_bounds(ring_unary::<Clamp, 5>());
    let Body::Elementwise { blocks, .. } = op.body else { panic!("an elementwise op") };
    OpDef { body: Body::Elementwise { blocks, params: bounds }, ..op }
};

/// The ops: with numbers, with tensors, and what two tensors become.
pub static DEFS: &[&OpDef] = &[&CLAMP, &CLAMP_TENSOR, &BOTH_TENSORS];

static CLAMP: OpDef = OpDef {
    name: "clamp",
    also: &[Alias::both("clip")],
    doc: DOC,
    args: &[
        Arg::tensor("input"),
        Arg::optional("min", Kind::Scalar, Default::None),
        Arg::optional("max", Kind::Scalar, Default::None),
    ],
    node: "ClampBackward1",
    check: Check::Attributes(|_, attrs, dtype| match (attrs.opt_scalar(0), attrs.opt_scalar(1)) {
        (None, None) => Err(no_bound()),
        (low, high) => checks::bounds(low, high, dtype),
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
    in_place: true,
    doc: DOC,
    args: &[
        Arg::tensor("input"),
        Arg::optional("min", Kind::TensorOrWide, Default::None),
        Arg::optional("max", Kind::TensorOrWide, Default::None),
    ],
    body: Body::Composite(by_tensors),
    samples: tensors,
    ..OpDef::COMPOSITE
}
.shipped();

static BOTH_TENSORS: OpDef = OpDef {
    name: "_clamp_tensor",
    part_of: "clamp",
    doc: "`input`, at least `min` and at most `max`, which are tensors.",
    args: &[Arg::tensor("input"), Arg::tensor("min"), Arg::tensor("max")],
    node: "ClampBackward0",
    surface: &[],
    in_place: false,
    saves: Saves { inputs: &[0b111, 0b111, 0b111], outputs: &[] },
    samples: || tensors().into_iter().take(1).collect(),
    ..ring_ternary::<ClampTensor, 0>()
}
.shipped();

/// `x`, at least `low` and at most `high`.
pub fn clamp(x: &Tensor, low: Scalar, high: Scalar) -> Result<Tensor> {
    invoke::with(&CLAMP, &[Some(x)], Attrs::new().scalar(low).scalar(high))
}
