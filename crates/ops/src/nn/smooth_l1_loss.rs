//! The squared error near 0, the absolute error far away.

use crate::elementwise::{abs::abs, div::div, lt::lt, mul::mul, sub::sub, where_::where_};
use crate::formula::{Algebra, Binary, Loops, binary};
use crate::invoke;
use crate::shared::checks::floats;
use crate::shared::nn::reduction::{self, Reduction, one, operands};
use crate::shared::samples;
use adjoint_autograd::op::{Default, HalfGradient, HalfOps};
use adjoint_autograd::{Api, Arg, Attr, Attrs, Body, Kind, NodeNaming, OpDef, SampleTensor, Saves, Tensor};
use adjoint_tensor::{DType, Error, Result, Scalar};

struct SmoothL1;

impl Binary<1> for SmoothL1 {
    const LOOPS: Loops = Loops::Both;
    fn f<A: Algebra>(x: A, target: A, [beta]: [A; 1]) -> A {
        let d = (x - target).abs();
        A::select(d.lt(beta), A::c(0.5) * d * d / beta, d - A::c(0.5) * beta)
    }
    fn vjp<A: Algebra>(g: A, x: A, target: A, _y: A, [beta]: [A; 1]) -> [A; 2] {
        let d = x - target;
        let dx = g * A::select(d.abs().lt(beta), d / beta, sign_beyond(d));
        [dx, -dx]
    }
}

/// −1 or 1 by the sign of `d`, NaN for NaN: what a loss that is straight far away has for a slope
/// there, with no derivative of its own.
#[inline(always)]
fn sign_beyond<A: Algebra>(d: A) -> A {
    A::select(d.is_nan(), A::c(f64::NAN), A::select(d.lt(A::c(0.0)), A::c(-1.0), A::c(1.0)))
}

/// PyTorch's kernel for float16 rounds at each step; that for bfloat16 once.
fn rounded(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Option<Tensor>> {
    let (x, target) = operands(inputs)?;
    if x.dtype() != DType::Float16 || target.dtype() != DType::Float16 {
        return Ok(None);
    }
    let number = |v: f64| Tensor::number(Scalar::Float(DType::Float16.nearest(v)));
    let beta = attrs.opt_float(0).unwrap_or(1.0);
    let d = abs(&sub(x, target)?)?;
    let near = div(&mul(&mul(&number(0.5)?, &d)?, &d)?, &number(beta)?)?;
    let far = sub(&d, &number(0.5 * DType::Float16.nearest(beta))?)?;
    where_(&lt(&d, &number(beta)?)?, &near, &far).map(Some)
}

/// The ops: the loss, and the errors it reduces.
pub static DEFS: &[&OpDef] = &[&SMOOTH_L1_LOSS, &SMOOTH_L1];

static SMOOTH_L1_LOSS: OpDef = OpDef {
    name: "smooth_l1_loss",
    doc: "Returns `0.5 d² / beta` where `d = |input − target|` is below `beta`, else `d − 0.5 beta`, reduced.\n\n\
          `beta` is not negative; 0 gives `l1Loss`. `reduction` is `\"mean\"`, `\"sum\"` or `\"none\"`. Shapes broadcast. Source: PyTorch, \
          `torch.nn.functional.smooth_l1_loss`.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("target"),
        reduction::ARG,
        Arg::optional("beta", Kind::Float, Default::Float(1.0)),
    ],
    older: reduction::OlderAt::<2, 3>::ARGS,
    surface: &[Api::Functional],
    shown: NodeNaming::of_result(|_, attrs| {
        // With 0 it is `l1_loss`, of several ops in PyTorch too.
        if attrs.opt_float(1) == Some(0.0) { "" } else { "SmoothL1LossBackward0" }
    }),
    body: Body::Composite(|inputs, attrs| {
        let (x, target) = operands(inputs)?;
        floats(&[Some(x), Some(target)])?;
        let beta = attrs.opt_float(1).unwrap_or(1.0);
        if beta < 0.0 {
            return Err(Error::usage(format!("beta must not be negative, got {beta}")));
        }
        let losses = if beta == 0.0 {
            abs(&sub(x, target)?)?
        } else {
            invoke::with(&SMOOTH_L1, &[Some(x), Some(target)], Attrs::new().float(beta))?
        };
        one(Reduction::of(attrs, 0).apply(losses)?)
    }),
    samples: || reduction::samples(SampleTensor::new(&[2, 3]), SampleTensor::new(&[2, 3]), &[Attr::Float(0.7).into()]),
    errors: samples::binary_errors,
    ..OpDef::COMPOSITE
}
.shipped();

static SMOOTH_L1: OpDef = OpDef {
    name: "_smooth_l1",
    part_of: "smooth_l1_loss",
    doc: "`0.5 d² / beta` where `d = |input − target|` is below `beta`, else `d − 0.5 beta`.",
    node: "SmoothL1LossBackward0",
    args: &[Arg::tensor("input"), Arg::tensor("target"), Arg::optional("beta", Kind::Float, Default::Float(1.0))],
    surface: &[],
    in_place: false,
    saves: Saves { inputs: &[0b11, 0b11], outputs: &[] },
    samples: Vec::new,
    half_ops: HalfOps::Value(rounded),
    half_gradient: HalfGradient::Once,
    ..binary::<SmoothL1, 1>()
}
.shipped();
