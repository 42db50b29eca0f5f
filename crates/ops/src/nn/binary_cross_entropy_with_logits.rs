//! The cross entropy of a score and a target between 0 and 1.

use crate::elementwise::{add::add, logsigmoid::logsigmoid, mul::mul, sub::sub};
use crate::formula::{Algebra, Binary, Ternary, binary, ternary};
use crate::invoke::{self, number};
use crate::shared::checks::floating;
use crate::shared::nn::reduction::{self, Reduction, one, operands};
use adjoint_autograd::op::{Default, HalfOps};
use adjoint_autograd::{
    Api, Arg, Attrs, Body, ErrorSample, Kind, OpDef, Sample, SampleArg, SampleTensor, Saves, Tensor, given,
};
use adjoint_tensor::{Code, Error, Result};

/// `log(1 + exp(−x))` without overflow. A gradient is made of it, so it is chosen by the sign:
/// derivatives of every order at 0 are those of the smooth function, which those of `|x|` and `max`
/// are not.
fn softplus_of_negative<A: Algebra>(x: A) -> A {
    let negative = x.lt(A::c(0.0));
    A::select(negative, x, -x).log1p_exp() - A::select(negative, x, A::c(0.0))
}

struct Logits;

impl Binary<0> for Logits {
    fn f<A: Algebra>(x: A, target: A, []: [A; 0]) -> A {
        (A::c(1.0) - target) * x + softplus_of_negative(x)
    }
    fn vjp<A: Algebra>(g: A, x: A, target: A, _y: A, []: [A; 0]) -> [A; 2] {
        [g * (x.sigmoid() - target), -(g * x)]
    }
}

struct Weighted;

impl Ternary<0> for Weighted {
    fn f<A: Algebra>([x, target, positive]: [A; 3], []: [A; 0]) -> A {
        let one = A::c(1.0);
        (one - target) * x + (one + (positive - one) * target) * softplus_of_negative(x)
    }
    fn vjp<A: Algebra>(g: A, [x, target, positive]: [A; 3], _y: A, []: [A; 0]) -> [A; 3] {
        let one = A::c(1.0);
        let s = softplus_of_negative(x);
        let weight = positive * target + one - target;
        [g * (weight * x.sigmoid() - positive * target), g * ((positive - one) * s - x), g * (target * s)]
    }
}

/// The steps of PyTorch, of which each rounds.
fn rounded(x: &Tensor, target: &Tensor, log_sigmoid: &Tensor) -> Result<Tensor> {
    sub(&mul(&sub(&number(1.0)?, target)?, x)?, log_sigmoid)
}

fn losses(inputs: &[Option<&Tensor>]) -> Result<Tensor> {
    let (x, target) = operands(inputs)?;
    if x.shape() != target.shape() {
        return Err(Error::shape(format!(
            "input and target must have the same shape, got {:?} and {:?}",
            x.shape(),
            target.shape()
        ))
        .with("input", format_args!("{:?}", x.shape()))
        .with("target", format_args!("{:?}", target.shape())));
    }
    floating("a target", target.dtype())?;
    let losses = match given(inputs, 3) {
        Some(positive) => invoke::with(&WEIGHTED, &[Some(x), Some(target), Some(positive)], Attrs::new())?,
        None => invoke::binary(&LOGITS, x, target)?,
    };
    match given(inputs, 2) {
        Some(w) => mul(&losses, w),
        None => Ok(losses),
    }
}

fn samples() -> Vec<Sample> {
    let x = || SampleTensor::new(&[2, 3]).avoid(&[0.0]).into();
    let target = || SampleTensor::new(&[2, 3]).range(0.0, 1.0).into();
    let weight = || SampleTensor::new(&[3]).range(0.5, 1.5).into();
    let none = reduction::absent;
    let s = |label: &str, w: SampleArg, reduction: Reduction, positive: SampleArg| {
        Sample::new(label, vec![x(), target(), w, reduction.attr().into(), positive])
    };
    vec![
        s("the mean", none(), Reduction::Mean, none()),
        s("a weight that broadcasts", weight(), Reduction::Sum, none()),
        s("a weight of positive targets", none(), Reduction::None, weight()),
        s("both weights", weight(), Reduction::Mean, weight()),
    ]
}

/// The ops: the loss, and what it reduces, without and with a weight of positive targets.
pub static DEFS: &[&OpDef] = &[&BINARY_CROSS_ENTROPY_WITH_LOGITS, &LOGITS, &WEIGHTED];

static BINARY_CROSS_ENTROPY_WITH_LOGITS: OpDef = OpDef {
    name: "binary_cross_entropy_with_logits",
    doc: "Returns `binaryCrossEntropy(sigmoid(input), target)`, reduced, but accurate for scores of any size.\n\n\
          `−weight · (posWeight · target · log σ(input) + (1 − target) · log(1 − σ(input)))`; both weights broadcast. `reduction` is \
          `\"mean\"`, `\"sum\"` or `\"none\"`. Shapes of `input` and `target` must be equal. Source: PyTorch, \
          `torch.nn.functional.binary_cross_entropy_with_logits`.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("target"),
        Arg::optional("weight", Kind::Tensor, Default::None),
        reduction::ARG,
        Arg::optional("pos_weight", Kind::Tensor, Default::None),
    ],
    older: reduction::OlderAt::<3, 4>::ARGS,
    surface: &[Api::Functional],
    node: "BinaryCrossEntropyWithLogitsBackward0",
    body: Body::Composite(|inputs, attrs| one(Reduction::of(attrs, 0).apply(losses(inputs)?)?)),
    samples,
    errors: || {
        let t = |shape: &[usize]| SampleTensor::new(shape).into();
        vec![ErrorSample {
            sample: Sample::new("shapes that differ", vec![t(&[2]), t(&[3])]),
            code: Code::Shape,
            message: "the same shape",
        }]
    },
    ..OpDef::COMPOSITE
}
.shipped();

static LOGITS: OpDef = OpDef {
    name: "_bce_with_logits",
    part_of: "binary_cross_entropy_with_logits",
    doc: "`(1 − target) · input + log(1 + exp(−input))`, element by element.",
    node: "BinaryCrossEntropyWithLogitsBackward0",
    args: &[Arg::tensor("input"), Arg::tensor("target")],
    surface: &[],
    in_place: false,
    saves: Saves { inputs: &[0b11, 0b01], outputs: &[] },
    half_ops: HalfOps::Value(|inputs, _| {
        let (x, target) = operands(inputs)?;
        rounded(x, target, &logsigmoid(x)?).map(Some)
    }),
    ..binary::<Logits, 0>()
}
.shipped();

static WEIGHTED: OpDef = OpDef {
    name: "_bce_with_logits_weighted",
    part_of: "binary_cross_entropy_with_logits",
    doc: "`(1 − target) · input + (1 + (posWeight − 1) · target) · log(1 + exp(−input))`, element by element.",
    node: "BinaryCrossEntropyWithLogitsBackward0",
    args: &[Arg::tensor("input"), Arg::tensor("target"), Arg::tensor("pos_weight")],
    surface: &[],
    in_place: false,
    saves: Saves { inputs: &[0b111, 0b101, 0b11], outputs: &[] },
    samples: Vec::new,
    half_ops: HalfOps::Value(|inputs, _| {
        let ([x, target, positive], one) = (reduction::three(inputs)?, number(1.0)?);
        let weight = add(&mul(&sub(positive, &one)?, target)?, &one)?;
        rounded(x, target, &mul(&logsigmoid(x)?, &weight)?).map(Some)
    }),
    ..ternary::<Weighted, 0>()
}
.shipped();
