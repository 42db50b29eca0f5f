//! `soft_margin_loss`: two classes, −1 and 1, by the logistic loss.

use crate::elementwise::{add::add, div::div, exp::exp, log1p::log1p, mul::mul, neg::neg};
use crate::formula::{Algebra, Binary, Ternary, binary, negative_part, ternary};
use crate::invoke::{self, number};
use crate::shared::nn::reduction::{self, Reduction, one};
use crate::shared::samples;
use adjoint_autograd::op::HalfOps;
use adjoint_autograd::{
    Arg, Attrs, Backward, Body, Grads, OpDef, Outputs, Sample, SampleArg, SampleTensor, Saves, Tensor, Vjp,
};
use adjoint_tensor::Result;
use smallvec::smallvec;

struct SoftMargin;

impl Binary<0> for SoftMargin {
    fn f<A: Algebra>(x: A, target: A, []: [A; 0]) -> A {
        let margin = target * x;
        (-margin.abs()).log1p_exp() - negative_part(margin)
    }
    fn vjp<A: Algebra>(g: A, x: A, target: A, _y: A, []: [A; 0]) -> [A; 2] {
        let slope = g * confidence(x, target);
        [-(slope * target), -(slope * x)]
    }
}

/// `σ(−target · input)`. NaN where the loss is infinite, as PyTorch's quotient of infinities is.
#[inline(always)]
fn confidence<A: Algebra>(x: A, target: A) -> A {
    let margin = target * x;
    A::select(margin.eq(A::c(f64::NEG_INFINITY)), A::c(f64::NAN), (-margin).sigmoid())
}

/// The gradient of the input as an op of its own: where the loss is infinite, its derivative is NaN
/// too.
struct Slope;

impl Ternary<0> for Slope {
    fn f<A: Algebra>([g, x, target]: [A; 3], []: [A; 0]) -> A {
        -(g * confidence(x, target) * target)
    }
    fn vjp<A: Algebra>(u: A, [g, x, target]: [A; 3], _y: A, []: [A; 0]) -> [A; 3] {
        let s = confidence(x, target);
        let curvature = u * g * (s * (target * x).sigmoid()) * target;
        [-(u * s * target), curvature * target, curvature * x - u * g * s]
    }
}

/// The gradients by formula where only values are asked for, by ops that can be differentiated
/// again elsewhere.
fn vjp(b: &Backward) -> Result<Grads> {
    let (x, target) = (b.input(0)?, b.input(1)?);
    // A product of the two: each is to the other what the other is to it.
    let slope = |of: &Tensor, other: &Tensor| match b.g().dtype().is_half() {
        true => half_slope(b.g(), of, other),
        false => invoke::with(&SLOPE, &[Some(b.g()), Some(of), Some(other)], Attrs::new()),
    };
    let dx = b.wants(0).then(|| slope(&x, &target)).transpose()?;
    Ok(smallvec![dx, b.wants(1).then(|| slope(&target, &x)).transpose()?])
}

/// PyTorch's steps, of which each rounds, or overflows.
fn half_slope(g: &Tensor, x: &Tensor, target: &Tensor) -> Result<Tensor> {
    let z = exp(&mul(&neg(target)?, x)?)?;
    mul(&div(&neg(&mul(target, &z)?)?, &add(&z, &number(1.0)?)?)?, g)
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (x, target) = reduction::operands(inputs)?;
    one(Reduction::of(attrs, 0).apply(invoke::binary(&SOFT_MARGIN, x, target)?)?)
}

/// The ops: the loss, what it reduces, and the gradient of that.
pub static DEFS: &[&OpDef] = &[&SOFT_MARGIN_LOSS, &SOFT_MARGIN, &SLOPE];

static SOFT_MARGIN_LOSS: OpDef = OpDef {
    name: "soft_margin_loss",
    doc: "Returns `log(1 + exp(−target · input))`, reduced.\n\n\
          The exponential does not overflow. Shapes broadcast. `reduction` is `\"mean\"`, `\"sum\"` or `\"none\"`. \
          Source: PyTorch, `torch.nn.functional.soft_margin_loss`.",
    args: &[Arg::tensor("input"), Arg::tensor("target"), reduction::ARG],
    older: reduction::OlderAt::<2, 3>::ARGS,
    node: "SoftMarginLossBackward0",
    body: Body::Composite(body),
    samples: || reduction::samples(SampleTensor::new(&[3]), SampleTensor::new(&[3]), &[]),
    errors: samples::binary_errors,
    ..reduction::COMPOSITE_LOSS
}
.shipped();

static SOFT_MARGIN: OpDef = OpDef {
    name: "_soft_margin",
    part_of: "soft_margin_loss",
    doc: "`log(1 + exp(−target · input))`, element by element.",
    node: "SoftMarginLossBackward0",
    args: &[Arg::tensor("input"), Arg::tensor("target")],
    surface: &[],
    in_place: false,
    saves: Saves { inputs: &[0b11, 0b11], outputs: &[] },
    samples: Vec::new,
    half_ops: HalfOps::Value(|inputs, _| {
        let (x, target) = reduction::operands(inputs)?;
        log1p(&exp(&mul(&neg(target)?, x)?)?).map(Some)
    }),
    vjp: Vjp::Fn(vjp),
    ..binary::<SoftMargin, 0>()
}
.shipped();

static SLOPE: OpDef = OpDef {
    name: "_soft_margin_backward",
    part_of: "soft_margin_loss",
    doc: "`−grad · target · sigmoid(−target · input)`.",
    node: "SoftMarginLossBackwardBackward0",
    args: &[Arg::tensor("grad_output"), Arg::tensor("input"), Arg::tensor("target")],
    surface: &[],
    in_place: false,
    saves: Saves { inputs: &[0b110, 0b111, 0b111], outputs: &[] },
    samples: || {
        let t = || SampleArg::from(SampleTensor::new(&[2, 3]).distinct());
        vec![Sample::new("a matrix", vec![t(), t(), t()])]
    },
    ..ternary::<Slope, 0>()
}
.shipped();
