//! The logarithm of softmax.

use super::softmax::{ARGS, BACKWARD_ARGS, SURFACE, backward_samples, rule, samples, sum_kept};
use crate::elementwise::{exp::exp, log::log, mul::mul, neg::neg, sub::sub, to::to};
use crate::invoke;
use crate::reduce::{amax::amax, sum::sum_dims};
use crate::shared::checks::only;
use crate::shared::dims::dim_of;
use crate::shared::reduce::samples;
use adjoint_autograd::op::HalfOps;
use adjoint_autograd::{Attrs, Backward, Batching, Body, Class, Grads, OpDef, Saves, Spec, Tensor, Vjp};
use adjoint_cpu::axis::{Binary, Unary};
use adjoint_kernels::softmax;
use adjoint_tensor::{DType, Result};
use smallvec::smallvec;

const FORWARD: Unary = Unary { f32: softmax::log_softmax, f64: softmax::log_softmax };
const BACKWARD: Binary = Binary { f32: softmax::log_softmax_backward, f64: softmax::log_softmax_backward };

fn vjp(b: &Backward) -> Result<Grads> {
    let y = b.output(0)?;
    let dim = dim_of(b.attrs(), 0, y.rank())?;
    Ok(smallvec![Some(log_softmax_backward(b.g(), &y, dim)?)])
}

fn backward_vjp(b: &Backward) -> Result<Grads> {
    // dx = g − eʸ · Σ g: by g its transpose is h − Σ h·eʸ, by y it is −h·eʸ · Σ g.
    let (h, y) = (b.g(), b.input(1)?);
    let dim = dim_of(b.attrs(), 0, y.rank())?;
    let weighted = mul(h, &exp(&y)?)?;
    let dg = if b.wants(0) { Some(sub(h, &sum_kept(&weighted, dim)?)?) } else { None };
    let dy = if b.wants(1) { Some(neg(&mul(&weighted, &sum_kept(&b.input(0)?, dim)?)?)?) } else { None };
    Ok(smallvec![dg, dy])
}

/// Along the last dim PyTorch's kernel keeps the sum and its logarithm as halves; along others it
/// rounds once.
fn rounded(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Option<Tensor>> {
    let x = only(inputs)?;
    let dtype = attrs.opt_dtype(1).unwrap_or(x.dtype());
    let dim = dim_of(attrs, 0, x.rank())?;
    if !dtype.is_half() || dim + 1 != x.rank() || x.numel() == 0 {
        return Ok(None);
    }
    let wide = |t: &Tensor| to(t, DType::Float32);
    let x = wide(&to(x, dtype)?)?;
    let below = sub(&x, &amax(&x, &[dim], true)?)?;
    let sum = to(&sum_dims(&exp(&below)?, &[dim], true)?, dtype)?;
    to(&sub(&below, &wide(&log(&sum)?)?)?, dtype).map(Some)
}

/// The ops: log-softmax and its derivative.
pub static DEFS: &[&OpDef] = &[&LOG_SOFTMAX, &LOG_SOFTMAX_BACKWARD];

static LOG_SOFTMAX: OpDef = OpDef {
    name: "log_softmax",
    doc: "Returns `input − log Σ exp(input)` along `dim`: the logarithm of `softmax`, but accurate where that is small.\n\n\
          The greatest element is taken out first, so finite elements do not overflow. NaN throughout where a line holds NaN or +∞, \
          or only −∞. `dtype` casts first; integers need it. `dx = g − exp(y) · Σ g`. Source: PyTorch, `torch.log_softmax`.",
    args: ARGS,
    node: "LogSoftmaxBackward0",
    surface: SURFACE,
    body: Body::Kernel {
        rule,
        run: |call, outs| {
            let x = call.input(0);
            FORWARD.run(x, dim_of(call.attrs, 0, x.rank())?, &mut outs[0])
        },
    },
    batching: &Batching::leading(&[0]),
    half_ops: HalfOps::Value(rounded),
    vjp: Vjp::Fn(vjp),
    saves: Saves::OUTPUT,
    samples,
    errors: samples::wrong_dim,
    ..OpDef::BASE
}
.shipped();

static LOG_SOFTMAX_BACKWARD: OpDef = OpDef {
    name: "_log_softmax_backward",
    part_of: "log_softmax",
    doc: "The derivative of `log_softmax`: `g − exp(y) · Σ g` along `dim`.",
    args: BACKWARD_ARGS,
    class: Class::Opaque,
    node: "LogSoftmaxBackwardDataBackward0",
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

/// The logarithm of softmax along `dim`.
pub fn log_softmax(x: &Tensor, dim: usize) -> Result<Tensor> {
    invoke::with(&LOG_SOFTMAX, &[Some(x)], Attrs::new().int(dim as i64))
}

fn log_softmax_backward(g: &Tensor, y: &Tensor, dim: usize) -> Result<Tensor> {
    invoke::with(&LOG_SOFTMAX_BACKWARD, &[Some(g), Some(y)], Attrs::new().int(dim as i64))
}
