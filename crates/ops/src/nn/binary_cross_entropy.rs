//! The cross entropy of a probability and a target between 0 and 1.

use crate::elementwise::{log::log, mul::mul, sub::sub};
use crate::formula::{Algebra, Binary, Ternary, at_least, binary, ternary};
use crate::invoke::{self, number};
use crate::shared::checks::same_dtype;
use crate::shared::nn::reduction::{self, Reduction, one, operands};
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Api, Arg, Attrs, Backward, Body, Check, ErrorSample, Grads, Kind, OpDef, Sample, SampleArg, SampleTensor, Saves,
    Tensor, Vjp, given, required,
};
use adjoint_tensor::{Code, DType, Error, Result};
use smallvec::smallvec;

struct Bce;

impl Binary<0> for Bce {
    fn f<A: Algebra>(x: A, target: A, []: [A; 0]) -> A {
        let floor = A::c(-100.0);
        (target - A::c(1.0)) * (-x).log1p().max(floor) - target * x.log().max(floor)
    }
    fn vjp<A: Algebra>(g: A, x: A, target: A, _y: A, []: [A; 0]) -> [A; 2] {
        [slope(g, x, target), g * ((-x).log1p() - x.log())]
    }
}

/// The gradient of the input, which is kept finite at 0 and 1.
#[inline(always)]
fn slope<A: Algebra>(g: A, x: A, target: A) -> A {
    g * (x - target) / divisor(x)
}

#[inline(always)]
fn divisor<A: Algebra>(x: A) -> A {
    at_least((A::c(1.0) - x) * x, A::c(EPS))
}

/// The least `input · (1 − input)` that is divided by, and what PyTorch's second derivative adds to
/// both factors instead where it is that of the input or of the gradient.
const EPS: f64 = 1e-12;

/// The gradient of the input as an op of its own: at 0 and 1 PyTorch's second derivative is not the
/// derivative of its first.
struct Slope;

impl Ternary<0> for Slope {
    fn f<A: Algebra>([g, x, target]: [A; 3], []: [A; 0]) -> A {
        slope(g, x, target)
    }
    fn vjp<A: Algebra>(u: A, [g, x, target]: [A; 3], _y: A, []: [A; 0]) -> [A; 3] {
        let one = A::c(1.0);
        let spread = (x + A::c(EPS)) * (one - x + A::c(EPS));
        let curvature = (x * x - A::c(2.0) * x * target + target) / (spread * spread);
        [u * (x - target) / spread, u * g * curvature, -(u * g) / divisor(x)]
    }
}

/// The gradients by formula where only values are asked for, by ops that can be differentiated
/// again elsewhere.
fn vjp(b: &Backward) -> Result<Grads> {
    let (x, target) = (b.input(0)?, b.input(1)?);
    let dx = b.wants(0).then(|| invoke::with(&SLOPE, &[Some(b.g()), Some(&x), Some(&target)], Attrs::new()));
    let dtarget = || {
        let one = number(1.0)?;
        mul(b.g(), &sub(&log(&sub(&one, &x)?)?, &log(&x)?)?)
    };
    Ok(smallvec![dx.transpose()?, b.wants(1).then(dtarget).transpose()?])
}

/// Refuses what is not between 0 and 1.
fn probabilities(x: &Tensor, what: &str, instead: &str) -> Result<()> {
    match x.array().find(|v| !(0.0..=1.0).contains(&v))? {
        Some(v) => Err(Error::usage(format!("all elements of {what} must be between 0 and 1, got {v}; {instead}"))),
        None => Ok(()),
    }
}

fn check(inputs: &[Option<&Tensor>], _: &Attrs, _: DType) -> Result<()> {
    probabilities(required(inputs, 0), "input", "use binaryCrossEntropyWithLogits for scores")?;
    probabilities(required(inputs, 1), "target", "divide by the greatest target, or use mseLoss")
}

fn losses(x: &Tensor, target: &Tensor, weight: Option<&Tensor>) -> Result<Tensor> {
    if x.shape() != target.shape() {
        return Err(Error::shape(format!(
            "input and target must have the same shape, got {:?} and {:?}",
            x.shape(),
            target.shape()
        ))
        .with("input", format_args!("{:?}", x.shape()))
        .with("target", format_args!("{:?}", target.shape())));
    }
    same_dtype("a target", target.dtype(), x.dtype())?;
    let losses = invoke::binary(&BCE, x, target)?;
    match weight {
        Some(w) => mul(&losses, w),
        None => Ok(losses),
    }
}

fn samples() -> Vec<Sample> {
    let probability = || SampleTensor::new(&[2, 3]).range(0.1, 0.9).into();
    let mut out: Vec<Sample> = [Reduction::Mean, Reduction::Sum, Reduction::None]
        .map(|r| {
            let args: Vec<SampleArg> = vec![probability(), probability(), reduction::absent(), r.attr().into()];
            Sample::new(["the mean", "the sum", "no reduction"][r as usize], args)
        })
        .into();
    let weight = SampleTensor::new(&[3]).range(0.5, 1.5).into();
    out.push(Sample::new("a weight that broadcasts", vec![probability(), probability(), weight]));
    out
}

fn errors() -> Vec<ErrorSample> {
    let t = |shape: &[usize]| SampleTensor::new(shape).range(0.1, 0.9).into();
    vec![
        ErrorSample {
            sample: Sample::new("shapes that differ", vec![t(&[2, 1]), t(&[2])]),
            code: Code::Shape,
            message: "the same shape",
        },
        ErrorSample {
            sample: Sample::new("no probability", vec![SampleTensor::new(&[2]).range(1.1, 2.0).into(), t(&[2])]),
            code: Code::Usage,
            message: "input must be between 0 and 1",
        },
        ErrorSample {
            sample: Sample::new(
                "a target that is no probability",
                vec![t(&[2]), SampleTensor::new(&[2]).range(1.1, 2.0).into()],
            ),
            code: Code::Usage,
            message: "target must be between 0 and 1",
        },
    ]
}

/// The ops: the loss, what it reduces, and the gradient of that.
pub static DEFS: &[&OpDef] = &[&BINARY_CROSS_ENTROPY, &BCE, &SLOPE];

static BINARY_CROSS_ENTROPY: OpDef = OpDef {
    name: "binary_cross_entropy",
    doc: "Returns `−weight · (target · log(input) + (1 − target) · log(1 − input))`, reduced.\n\n\
          `input` and `target` hold probabilities; others are an error. Logarithms are at least −100, so that 0 and 1 give finite losses. `weight` \
          broadcasts. `reduction` is `\"mean\"`, `\"sum\"` or `\"none\"`. Shapes must be equal. Source: PyTorch, \
          `torch.nn.functional.binary_cross_entropy`.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("target"),
        Arg::optional("weight", Kind::Tensor, Default::None),
        reduction::ARG,
    ],
    older: reduction::OlderAt::<3, 4>::ARGS,
    surface: &[Api::Functional],
    node: "BinaryCrossEntropyBackward0",
    body: Body::Composite(|inputs, attrs| {
        let (x, target) = operands(inputs)?;
        one(Reduction::of(attrs, 0).apply(losses(x, target, given(inputs, 2))?)?)
    }),
    samples,
    errors,
    ..OpDef::COMPOSITE
}
.shipped();

static BCE: OpDef = OpDef {
    name: "_binary_cross_entropy",
    part_of: "binary_cross_entropy",
    doc: "`−target · log(input) − (1 − target) · log(1 − input)`, element by element, with logarithms of at least −100.",
    node: "BinaryCrossEntropyBackward0",
    args: &[Arg::tensor("input"), Arg::tensor("target")],
    surface: &[],
    in_place: false,
    check: Check::Calls(check),
    saves: Saves { inputs: &[0b11, 0b11], outputs: &[] },
    samples: || crate::shared::samples::binary_in((0.1, 0.9), (0.1, 0.9), &[]),
    errors: || {
        let t = |shape: &[usize]| SampleTensor::new(shape).range(0.1, 0.9).into();
        let sample = Sample::new("shapes that do not broadcast", vec![t(&[2, 3]), t(&[4])]);
        vec![ErrorSample { sample, code: Code::Shape, message: "[2, 3]" }]
    },
    vjp: Vjp::Fn(vjp),
    ..binary::<Bce, 0>()
}
.shipped();

static SLOPE: OpDef = OpDef {
    name: "_binary_cross_entropy_backward",
    part_of: "binary_cross_entropy",
    doc: "`grad · (input − target) / (input · (1 − input))`, with a divisor of at least 10⁻¹².",
    node: "BinaryCrossEntropyBackwardBackward0",
    args: &[Arg::tensor("grad_output"), Arg::tensor("input"), Arg::tensor("target")],
    surface: &[],
    in_place: false,
    saves: Saves { inputs: &[0b110, 0b111, 0b111], outputs: &[] },
    samples: || {
        let t = |low: f64, high: f64| SampleArg::from(SampleTensor::new(&[2, 3]).range(low, high).distinct());
        vec![Sample::new("a matrix", vec![t(-2.0, 2.0), t(0.1, 0.9), t(0.1, 0.9)])]
    },
    ..ternary::<Slope, 0>()
}
.shipped();
