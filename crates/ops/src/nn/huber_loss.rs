//! Half the squared error near 0, proportional to the absolute error far away.

use crate::elementwise::{abs::abs, lt::lt, mul::mul, sub::sub, where_::where_};
use crate::formula::{Algebra, Binary, Loops, binary};
use crate::invoke;
use crate::shared::checks::floats;
use crate::shared::nn::reduction::{self, Reduction, one, operands};
use crate::shared::samples;
use adjoint_autograd::op::{Default, HalfGradient, HalfOps};
use adjoint_autograd::{Api, Arg, Attr, Attrs, Body, Kind, NodeNaming, OpDef, SampleTensor, Saves, Tensor, given};
use adjoint_tensor::{DType, Error, Result, Scalar};

struct Huber;

impl Binary<1> for Huber {
    const LOOPS: Loops = Loops::Both;
    fn f<A: Algebra>(x: A, target: A, [delta]: [A; 1]) -> A {
        let d = (x - target).abs();
        A::select(d.lt(delta), A::c(0.5) * d * d, delta * (d - A::c(0.5) * delta))
    }
    fn vjp<A: Algebra>(g: A, x: A, target: A, _y: A, [delta]: [A; 1]) -> [A; 2] {
        let d = x - target;
        // Beyond, ±delta without a derivative, and NaN for NaN.
        let beyond = A::select(d.is_nan(), A::c(f64::NAN), A::select(d.lt(A::c(0.0)), -delta, delta));
        let dx = g * A::select(d.abs().lt(delta), d, beyond);
        [dx, -dx]
    }
}

/// PyTorch's kernel for bfloat16 rounds at each step; that for float16 once.
fn rounded(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Option<Tensor>> {
    let (x, target) = operands(inputs)?;
    if x.dtype() != DType::BFloat16 || target.dtype() != DType::BFloat16 {
        return Ok(None);
    }
    let delta = DType::BFloat16.nearest(attrs.opt_float(0).unwrap_or(1.0));
    let number = |v: f64| Tensor::number(Scalar::Float(v));
    let d = abs(&sub(x, target)?)?;
    let near = mul(&mul(&number(0.5)?, &d)?, &d)?;
    let far = mul(&number(delta)?, &sub(&d, &number(0.5 * delta)?)?)?;
    where_(&lt(&d, &number(delta)?)?, &near, &far).map(Some)
}

/// The ops: the loss, and the errors it reduces.
pub static DEFS: &[&OpDef] = &[&HUBER_LOSS, &HUBER];

static HUBER_LOSS: OpDef = OpDef {
    name: "huber_loss",
    doc: "Returns `0.5 d²` where `d = |input − target|` is below `delta`, else `delta · (d − 0.5 delta)`, reduced.\n\n\
          `delta` is positive. `reduction` is `\"mean\"`, `\"sum\"` or `\"none\"`. `weight`, of the same shape, multiplies the errors. Shapes \
          broadcast. Source: PyTorch, `torch.nn.functional.huber_loss`.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("target"),
        reduction::ARG,
        Arg::optional("delta", Kind::Float, Default::Float(1.0)),
        Arg::optional("weight", Kind::Tensor, Default::None),
    ],
    surface: &[Api::Functional],
    // With a weight PyTorch has several ops, too.
    shown: NodeNaming::of_result(|inputs, _| if given(inputs, 2).is_some() { "" } else { "HuberLossBackward0" }),
    body: Body::Composite(|inputs, attrs| {
        let (x, target) = operands(inputs)?;
        floats(&[Some(x)])?;
        let delta = attrs.opt_float(1).unwrap_or(1.0);
        if delta <= 0.0 {
            return Err(Error::usage(format!("delta must be positive, got {delta}")));
        }
        let losses = invoke::with(&HUBER, &[Some(x), Some(target)], Attrs::new().float(delta))?;
        let losses = match given(inputs, 2) {
            Some(w) if w.shape() != losses.shape() => {
                return Err(Error::shape(format!(
                    "weight and input must have the same shape, got {:?} and {:?}",
                    w.shape(),
                    losses.shape()
                )));
            }
            Some(w) => mul(&losses, w)?,
            None => losses,
        };
        one(Reduction::of(attrs, 0).apply(losses)?)
    }),
    samples: || reduction::samples(SampleTensor::new(&[2, 3]), SampleTensor::new(&[2, 3]), &[Attr::Float(0.7).into()]),
    errors: samples::binary_errors,
    ..OpDef::COMPOSITE
}
.shipped();

static HUBER: OpDef = OpDef {
    name: "_huber",
    part_of: "huber_loss",
    doc: "`0.5 d²` where `d = |input − target|` is below `delta`, else `delta · (d − 0.5 delta)`.",
    node: "HuberLossBackward0",
    args: &[Arg::tensor("input"), Arg::tensor("target"), Arg::optional("delta", Kind::Float, Default::Float(1.0))],
    surface: &[],
    in_place: false,
    saves: Saves { inputs: &[0b11, 0b11], outputs: &[] },
    samples: Vec::new,
    half_ops: HalfOps::Value(rounded),
    half_gradient: HalfGradient::Once,
    ..binary::<Huber, 1>()
}
.shipped();
