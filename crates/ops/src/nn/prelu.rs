//! `prelu`: a learned slope below 0.

use crate::formula::{Algebra, Binary, Ternary, binary, nothing, ternary};
use crate::invoke;
use crate::shared::nn::reduction::{one, operands};
use crate::shared::view::samples::{fails, tensors};
use crate::view::reshape::reshape;
use adjoint_autograd::op::HalfGradient;
use adjoint_autograd::{
    Api, Arg, Attrs, Backward, Body, Grads, Half, OpDef, Outputs, Sample, SampleArg, SampleTensor, Saves, Tensor, Vjp,
};
use adjoint_tensor::{Code, Dims, Error, Result};
use smallvec::smallvec;

struct Kernel;

impl Binary<0> for Kernel {
    fn f<A: Algebra>(x: A, slope: A, []: [A; 0]) -> A {
        A::select(x.gt(A::c(0.0)), x, slope * x)
    }
    fn vjp<A: Algebra>(g: A, x: A, slope: A, _y: A, []: [A; 0]) -> [A; 2] {
        [by_input(g, x, slope), by_slope(g, x, slope)]
    }
}

#[inline(always)]
fn by_input<A: Algebra>(g: A, x: A, slope: A) -> A {
    A::select(x.gt(A::c(0.0)), g, slope * g)
}

#[inline(always)]
fn by_slope<A: Algebra>(g: A, x: A, _slope: A) -> A {
    A::select(x.gt(A::c(0.0)), A::c(0.0), x * g)
}

/// The gradient of the input as an op of its own: PyTorch counts 0 as negative in it, and as
/// positive in its derivative.
struct ByInput;

impl Ternary<0> for ByInput {
    fn f<A: Algebra>([g, x, slope]: [A; 3], []: [A; 0]) -> A {
        by_input(g, x, slope)
    }
    fn vjp<A: Algebra>(u: A, [g, x, slope]: [A; 3], _y: A, []: [A; 0]) -> [A; 3] {
        let positive = x.ge(A::c(0.0));
        [A::select(positive, u, slope * u), nothing(u), A::select(positive, A::c(0.0), g * u)]
    }
}

/// The gradient of the slope, before it is summed.
struct BySlope;

impl Binary<0> for BySlope {
    fn f<A: Algebra>(g: A, x: A, []: [A; 0]) -> A {
        by_slope(g, x, x)
    }
    fn vjp<A: Algebra>(u: A, g: A, x: A, _y: A, []: [A; 0]) -> [A; 2] {
        let positive = x.ge(A::c(0.0));
        [A::select(positive, A::c(0.0), x * u), A::select(positive, A::c(0.0), g * u)]
    }
}

fn vjp(b: &Backward) -> Result<Grads> {
    let (g, x) = (b.g(), b.input(0)?);
    let by_input = || invoke::with(&BY_INPUT, &[Some(g), Some(&x), Some(&b.input(1)?)], Attrs::new());
    let dx = b.wants(0).then(by_input).transpose()?;
    Ok(smallvec![dx, b.wants(1).then(|| invoke::binary(&BY_SLOPE, g, &x)).transpose()?])
}

fn body(inputs: &[Option<&Tensor>], _: &Attrs) -> Result<Outputs> {
    let (x, weight) = operands(inputs)?;
    if x.dtype() != weight.dtype() {
        return Err(Error::dtype(format!(
            "type promotion is not supported, input is {} and weight {}",
            x.dtype().name(),
            weight.dtype().name()
        )));
    }
    let n = weight.numel();
    let channels = if x.rank() < 2 { 1 } else { x.shape()[1] };
    if n != 1 && (x.rank() == 0 || n != channels) {
        return Err(Error::shape(format!(
            "mismatch of parameter numbers and input channel size, found parameter numbers = {n} and channel size = {channels}"
        )));
    }
    if weight.rank() > 1 {
        return Err(Error::shape(format!("weight must be a vector or a 0-dim tensor, got shape {:?}", weight.shape())));
    }
    let mut shape = Dims::from_elem(1, x.rank());
    if n != 1 {
        shape[usize::from(x.rank() > 1)] = n;
    }
    one(invoke::binary(&KERNEL, x, &reshape(weight, &shape)?)?)
}

fn away_from_zero(shape: &[usize]) -> SampleArg {
    SampleTensor::new(shape).avoid(&[0.0]).into()
}

/// The ops: the activation, what it computes once the slopes have the input's rank, and the
/// gradients of that.
pub static DEFS: &[&OpDef] = &[&PRELU, &KERNEL, &BY_INPUT, &BY_SLOPE];

static PRELU: OpDef = OpDef {
    name: "prelu",
    doc: "Returns `input` where it is positive, else `weight · input`.\n\n\
          `weight` is one number, or one for each channel, which are dim 1 of `input`. Source: PyTorch, `torch.nn.functional.prelu`.",
    args: &[Arg::tensor("input"), Arg::tensor("weight")],
    surface: &[Api::Functional, Api::Function, Api::Method],
    body: Body::Composite(body),
    half: Half::Once,
    samples: || {
        let s = |label: &str, shape: &[usize], n: usize| {
            Sample::new(label, vec![away_from_zero(shape), SampleTensor::new(&[n]).into()])
        };
        vec![s("channels", &[2, 3, 2], 3), s("one slope", &[4], 1)]
    },
    errors: || {
        vec![fails(tensors("two slopes for three channels", &[&[2, 3], &[2]]), Code::Shape, "parameter numbers = 2")]
    },
    ..OpDef::COMPOSITE
}
.shipped();

static KERNEL: OpDef = OpDef {
    name: "_prelu_kernel",
    part_of: "prelu",
    doc: "`input` where it is positive, else `weight · input`; the shapes broadcast.",
    node: "PreluKernelBackward0",
    args: &[Arg::tensor("input"), Arg::tensor("weight")],
    surface: &[],
    in_place: false,
    saves: Saves { inputs: &[0b11, 0b01], outputs: &[] },
    flat: [0, 0b10],
    half_gradient: HalfGradient::Once,
    samples: || vec![Sample::new("a matrix", vec![away_from_zero(&[2, 3]), SampleTensor::new(&[3]).into()])],
    vjp: Vjp::Fn(vjp),
    ..binary::<Kernel, 0>()
}
.shipped();

static BY_INPUT: OpDef = OpDef {
    name: "_prelu_kernel_backward_input",
    part_of: "prelu",
    doc: "The gradient of `input`: `grad` where that is positive, else `weight · grad`.",
    node: "PreluKernelBackwardBackward0",
    args: &[Arg::tensor("grad_output"), Arg::tensor("input"), Arg::tensor("weight")],
    surface: &[],
    in_place: false,
    saves: Saves { inputs: &[0b110, 0b000, 0b011], outputs: &[] },
    half_gradient: HalfGradient::Once,
    samples: || {
        let t = || SampleArg::from(SampleTensor::new(&[2, 3]));
        vec![Sample::new("a matrix", vec![t(), away_from_zero(&[2, 3]), t()])]
    },
    ..ternary::<ByInput, 0>()
}
.shipped();

static BY_SLOPE: OpDef = OpDef {
    name: "_prelu_kernel_backward_weight",
    part_of: "prelu",
    doc: "The gradient of `weight` before it is summed: 0 where `input` is positive, else `input · grad`.",
    node: "PreluKernelBackwardBackward0",
    args: &[Arg::tensor("grad_output"), Arg::tensor("input")],
    surface: &[],
    in_place: false,
    saves: Saves { inputs: &[0b10, 0b11], outputs: &[] },
    half_gradient: HalfGradient::Once,
    samples: || vec![Sample::new("a matrix", vec![SampleTensor::new(&[2, 3]).into(), away_from_zero(&[2, 3])])],
    ..binary::<BySlope, 0>()
}
.shipped();
