//! Running sums of exponentials, in logarithms.

use super::cumsum::{axis_of, dim_of};
use super::recurrence::{recurrence, shift};
use crate::elementwise::{eq::eq, exp::exp, mul::mul, sub::sub, where_::where_};
use crate::invoke::number;
use crate::shared::checks::floating_dtype;
use crate::shared::reduce::samples;
use adjoint_autograd::{
    Arg, Backward, Batching, Body, Call, Facts, Grads, Kind, OpDef, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::floats;
use adjoint_kernels::dtype::Element;
use adjoint_kernels::reduce::Axis;
use adjoint_tensor::{Array, Result};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    dim_of(call.attrs, x.rank())?;
    Ok(Spec::one(x.shape(), floating_dtype(x, None)?))
}

/// `log(e^a + e^b)` without overflow; NaN where either is.
fn both(a: f64, b: f64) -> f64 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    if high.is_infinite() || low == f64::NEG_INFINITY {
        // The larger, or NaN where the other is.
        return if low.is_nan() { low } else { high };
    }
    high + (low - high).exp().ln_1p()
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let x = call.input(0).contiguous()?;
    let Axis { outer, n, inner } = axis_of(&x, dim_of(call.attrs, x.rank())?);
    let out = &mut outs[0];
    floats!(x.dtype(), T => {
        let (x, out) = (x.as_slice::<T>(), out.as_mut_slice::<T>());
        for line in 0..outer * inner {
            let start = line / inner * n * inner + line % inner;
            let mut sum = f64::NEG_INFINITY;
            for i in 0..n {
                sum = both(sum, x[start + i * inner].to_f64());
                out[start + i * inner] = sum as T;
            }
        }
    });
    Ok(())
}

/// `a − b`, and 0 where both are the same infinity.
fn difference(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    where_(&eq(a, b)?, &number(0.0)?, &sub(a, b)?)
}

/// `dx_i = e^(x_i − y_i) w_i`, where `w_i = Σ_{j ≥ i} e^(y_i − y_j) g_j` by a recurrence from the end.
fn vjp(b: &Backward) -> Result<Grads> {
    let (x, y) = (b.input(0)?, b.output(0)?);
    if x.rank() == 0 {
        return Ok(smallvec![Some(b.g().clone())]);
    }
    let dim = dim_of(b.attrs(), x.rank())?;
    let factors = exp(&difference(&shift(&y, dim, false, f64::NEG_INFINITY)?, &y)?)?;
    let w = recurrence(b.g(), &factors, dim, true)?;
    Ok(smallvec![Some(mul(&exp(&difference(&x, &y)?)?, &w)?)])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "logcumsumexp",
    doc: "Returns the logarithm of the running sum of exponentials of `input` along `dim`: `out_i = log Σ_{j ≤ i} exp(x_j)`.\n\n\
          Accumulated in float64 without overflow. `dx_i = Σ_{j ≥ i} g_j exp(x_i − out_j)`, in linear time. Floats only. \
          Source: PyTorch, `torch.logcumsumexp`.",
    args: &[Arg::tensor("input"), Arg::required("dim", Kind::Int)],
    node: "LogcumsumexpBackward0",
    body: Body::Kernel { rule, run },
    batching: &Batching::leading(&[0]),
    vjp: Vjp::Fn(vjp),
    saves: Saves::BOTH,
    samples: samples::scans,
    errors: samples::wrong_dim,
    ..OpDef::BASE
}
.shipped();
