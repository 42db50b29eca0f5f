//! Softmax.

use crate::elementwise::{mul::mul, sub::sub};
use crate::invoke;
use crate::reduce::sum::sum_dims;
use crate::shared::checks::floating_dtype;
use crate::shared::dims::dim_of;
use crate::shared::reduce::samples;
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Backward, Batching, Body, Class, Facts, Grads, Kind, OpDef, Sample, SampleTensor, Saves,
    Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::axis::{Binary, Unary};
use adjoint_kernels::softmax;
use adjoint_tensor::{Dims, Result};
use smallvec::smallvec;

const FORWARD: Unary = Unary { f32: softmax::softmax, f64: softmax::softmax };
const BACKWARD: Binary = Binary { f32: softmax::softmax_backward, f64: softmax::softmax_backward };

/// The parameters of `softmax` and `log_softmax`.
pub(super) const ARGS: &[Arg] =
    &[Arg::tensor("input"), Arg::required("dim", Kind::Int), Arg::optional("dtype", Kind::DType, Default::None)];

/// The parameters of their derivatives.
pub(super) const BACKWARD_ARGS: &[Arg] =
    &[Arg::tensor("grad_output"), Arg::tensor("output"), Arg::required("dim", Kind::Int)];

/// Where both are public.
pub(super) const SURFACE: &[Api] = &[Api::Function, Api::Method, Api::Functional, Api::Special];

pub(super) fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    dim_of(call.attrs, 0, x.rank())?;
    Ok(Spec::one(x.shape(), floating_dtype(x, call.attrs.opt_dtype(1))?))
}

pub(super) fn samples() -> Vec<Sample> {
    let mut out = samples::scans();
    out.push(samples::call("a middle dim", &[2, 3, 2], [Attr::Int(1)]));
    out
}

/// Samples of the derivatives.
pub(super) fn backward_samples() -> Vec<Sample> {
    let t = || SampleTensor::new(&[2, 3, 2]).into();
    vec![Sample::new("a middle dim", vec![t(), t(), Attr::Int(1).into()])]
}

/// The sum over `dim`, kept, which for a 0-dim tensor is the tensor.
pub fn sum_kept(x: &Tensor, dim: usize) -> Result<Tensor> {
    let dims: Dims = if x.rank() == 0 { smallvec![] } else { smallvec![dim] };
    sum_dims(x, &dims, true)
}

fn vjp(b: &Backward) -> Result<Grads> {
    let y = b.output(0)?;
    let dim = dim_of(b.attrs(), 0, y.rank())?;
    Ok(smallvec![Some(softmax_backward(b.g(), &y, dim)?)])
}

fn backward_vjp(b: &Backward) -> Result<Grads> {
    // dx = y · (g − Σ g·y) is symmetric in g; its derivative by y is h·(g − Σ g·y) − g·Σ h·y.
    let (h, y) = (b.g(), b.input(1)?);
    let dim = dim_of(b.attrs(), 0, y.rank())?;
    let dg = if b.wants(0) { Some(softmax_backward(h, &y, dim)?) } else { None };
    let dy = if b.wants(1) {
        let g = b.input(0)?;
        let dot = |v: &Tensor| sum_kept(&mul(v, &y)?, dim);
        Some(sub(&mul(h, &sub(&g, &dot(&g)?)?)?, &mul(&g, &dot(h)?)?)?)
    } else {
        None
    };
    Ok(smallvec![dg, dy])
}

/// The ops: softmax and its derivative.
pub static DEFS: &[&OpDef] = &[&SOFTMAX, &SOFTMAX_BACKWARD];

static SOFTMAX: OpDef = OpDef {
    name: "softmax",
    doc: "Returns `exp(input) / Σ exp(input)` along `dim`: positive numbers that add up to 1.\n\n\
          The greatest element is taken out first, so finite elements do not overflow. NaN throughout where a line holds NaN or +∞, \
          or only −∞. `dtype` casts first; integers need it. `dx = y · (g − Σ g·y)`. Three passes, in cache. Source: PyTorch, \
          `torch.softmax`.",
    args: ARGS,
    cheap: true,
    node: "SoftmaxBackward0",
    surface: SURFACE,
    body: Body::Kernel {
        rule,
        run: |call, outs| {
            let x = call.input(0);
            FORWARD.run(x, dim_of(call.attrs, 0, x.rank())?, &mut outs[0])
        },
    },
    batching: &Batching::leading(&[0]),
    vjp: Vjp::Fn(vjp),
    saves: Saves::OUTPUT,
    samples,
    errors: samples::wrong_dim,
    ..OpDef::BASE
}
.shipped();

static SOFTMAX_BACKWARD: OpDef = OpDef {
    name: "_softmax_backward",
    part_of: "softmax",
    doc: "The derivative of `softmax`: `y · (g − Σ g·y)` along `dim`.",
    args: BACKWARD_ARGS,
    class: Class::Opaque,
    node: "SoftmaxBackwardDataBackward0",
    surface: &[],
    body: Body::Kernel {
        rule: |call| Ok(Spec::one(call.input(1).shape(), call.input(1).dtype())),
        run: |call, outs| {
            let (g, y) = (call.input(0), call.input(1));
            BACKWARD.run(g, y, dim_of(call.attrs, 0, y.rank())?, &mut outs[0])
        },
    },
    batching: &Batching::leading(&[0]),
    vjp: Vjp::Fn(backward_vjp),
    saves: Saves { inputs: &[0b10, 0b11], outputs: &[] },
    samples: backward_samples,
    ..OpDef::BASE
}
.shipped();

/// Softmax along `dim`.
pub fn softmax(x: &Tensor, dim: usize) -> Result<Tensor> {
    invoke::with(&SOFTMAX, &[Some(x)], Attrs::new().int(dim as i64))
}

fn softmax_backward(g: &Tensor, y: &Tensor, dim: usize) -> Result<Tensor> {
    invoke::with(&SOFTMAX_BACKWARD, &[Some(g), Some(y)], Attrs::new().int(dim as i64))
}
