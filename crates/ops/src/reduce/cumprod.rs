//! Running products.

use super::cases;
use super::cumsum::{ARGS, dim_of, reversed, rule, run};
use super::recurrence::{recurrence, shift};
use crate::elementwise::{div::div, mul::mul};
use crate::invoke;
use adjoint_autograd::{Attrs, Backward, Body, Grads, OpDef, Saves, Tensor, Vjp};
use adjoint_tensor::{Array, Result};
use smallvec::smallvec;

/// Whether a product over these factors has a zero, through which it cannot be divided.
pub(super) fn has_zero(x: &Array) -> Result<bool> {
    Ok(x.to_vec_f64()?.contains(&0.0))
}

/// The gradient of running products through zeros, of every order: `dx_i = Π_{j<i} x_j · S_i` with the sum over the
/// products behind, `S_i = g_i + x_{i+1} · S_{i+1}`.
pub(super) fn through_zeros(g: &Tensor, x: &Tensor, dim: usize) -> Result<Tensor> {
    let before = shift(&cumprod(x, dim)?, dim, false, 1.0)?;
    mul(&before, &recurrence(g, x, dim, true)?)
}

fn vjp(b: &Backward) -> Result<Grads> {
    let (g, x) = (b.g(), b.input(0)?);
    if x.rank() == 0 || x.numel() == 0 {
        return Ok(smallvec![Some(g.clone())]);
    }
    let dim = dim_of(b.attrs(), x.rank())?;
    let x = crate::elementwise::to::to(&x, g.dtype())?;
    Ok(smallvec![Some(if has_zero(x.array())? {
        through_zeros(g, &x, dim)?
    } else {
        div(&reversed(&mul(g, &b.output(0)?)?, dim)?, &x)?
    })])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "cumprod",
    doc: "Returns the running product of `input` along `dim`: `out_i = x_0 · … · x_i`.\n\n\
          Floats accumulate in float64. Integers and bools are multiplied in int64; `dtype` casts first. The gradient is right through \
          zeros too, and costs one look for them. Source: PyTorch, `torch.cumprod`.",
    args: ARGS,
    node: "CumprodBackward0",
    in_place: true,
    body: Body::Kernel { rule, run: |call, outs| run(call, false, &mut outs[0]) },
    vjp: Vjp::Fn(vjp),
    saves: Saves::BOTH,
    samples: cases::scans,
    errors: cases::wrong_dim,
    ..OpDef::BASE
}
.shipped();

/// The running product along `dim`.
pub fn cumprod(x: &Tensor, dim: usize) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().int(dim as i64))
}
