//! The cross entropy of a probability and a target between 0 and 1.

use super::reduction::{self, Reduction, one, operands};
use crate::elementwise::mul::mul;
use crate::formula::{Algebra, Binary, binary};
use crate::invoke;
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Arg, Body, ErrorSample, Half, Kind, OpDef, Sample, SampleArg, SampleTensor, Saves, Surface, Tensor,
};
use adjoint_tensor::{Code, Error, Result};

struct Bce;

impl Binary<0> for Bce {
    fn f<A: Algebra>(x: A, target: A, []: [A; 0]) -> A {
        let floor = A::c(-100.0);
        (target - A::c(1.0)) * (-x).log1p().max(floor) - target * x.log().max(floor)
    }
    fn vjp<A: Algebra>(g: A, x: A, target: A, _y: A, []: [A; 0]) -> [A; 2] {
        let floor = A::c(-100.0);
        let dx = g * (x - target) / ((A::c(1.0) - x) * x).max(A::c(1e-12));
        [dx, g * ((-x).log1p().max(floor) - x.log().max(floor))]
    }
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
    if let Some(v) = x.array().to_vec_f64()?.iter().find(|v| !(0.0..=1.0).contains(*v)) {
        return Err(Error::usage(format!(
            "all elements of input must be between 0 and 1, got {v}; use binaryCrossEntropyWithLogits for scores"
        )));
    }
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
            message: "between 0 and 1",
        },
    ]
}

/// The ops: the loss, and what it reduces.
pub static DEFS: &[&OpDef] = &[&BINARY_CROSS_ENTROPY, &BCE];

static BINARY_CROSS_ENTROPY: OpDef = OpDef {
    name: "binary_cross_entropy",
    doc: "Returns `−weight · (target · log(input) + (1 − target) · log(1 − input))`, reduced.\n\n\
          `input` holds probabilities; others are an error. Logarithms are at least −100, so that 0 and 1 give finite losses. `weight` \
          broadcasts. `reduction` is `\"mean\"`, `\"sum\"` or `\"none\"`. Shapes must be equal. Source: PyTorch, \
          `torch.nn.functional.binary_cross_entropy`, without its deprecated parameters.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("target"),
        Arg::optional("weight", Kind::Tensor, Default::None),
        reduction::ARG,
    ],
    surface: &[Surface::Functional],
    body: Body::Composite(|inputs, attrs| {
        let (x, target) = operands(inputs)?;
        one(Reduction::of(attrs, 0).apply(losses(x, target, inputs.get(2).copied().flatten())?)?)
    }),
    samples,
    errors,
    half: Half::Once,
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
    saves: Saves { inputs: &[0b11, 0b01], outputs: &[] },
    samples: || crate::samples::binary_in((0.1, 0.9), (0.1, 0.9), &[]),
    ..binary::<Bce, 0>()
}
.shipped();
