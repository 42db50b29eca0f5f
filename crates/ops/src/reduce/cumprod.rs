//! Running products.

use super::cumsum::{ARGS, cumsum, dim_of, reversed, rule, run};
use super::prod::kept_product;
use super::recurrence::{recurrence, shift};
use super::sum::sum_dims;
use crate::create::full::full;
use crate::elementwise::{
    div::div, eq::eq, logical_and::logical_and, logical_not::logical_not, mul::mul, to::to, where_::where_,
};
use crate::invoke::{self, number};
use crate::shared::dims::reduced_shape;
use crate::shared::reduce::samples;
use crate::view::{cat::cat, narrow::narrow};
use adjoint_autograd::{Attrs, Backward, Batching, Body, Grads, OpDef, Saves, Tensor, Vjp, modes};
use adjoint_tensor::{Array, DType, Result};
use smallvec::{SmallVec, smallvec};

/// Whether a product over these factors has a zero, through which it cannot be divided.
pub(super) fn has_zero(x: &Array) -> Result<bool> {
    Ok(x.find(|v| v == 0.0)?.is_some())
}

fn all_finite(x: &Array) -> Result<bool> {
    Ok(x.find(|v| !v.is_finite())?.is_none())
}

/// The gradient of running products through zeros, of every order, of finite numbers: `dx_i =
/// Π_{j<i} x_j · S_i` with the sum over the products behind, `S_i = g_i + x_{i+1} · S_{i+1}`.
fn through_zeros(g: &Tensor, x: &Tensor, dim: usize) -> Result<Tensor> {
    let before = shift(&cumprod(x, dim)?, dim, false, 1.0)?;
    mul(&before, &recurrence(g, x, dim, true)?)
}

/// The same where a factor or gradient is infinite or NaN, and the gradient is differentiated
/// again. Which infinity meets which zero depends on the order of products and sums: this is
/// PyTorch's, each `g_j` times the product without `x_i`.
fn omitted_products(g: &Tensor, x: &Tensor, dim: usize) -> Result<Tensor> {
    let n = x.shape()[dim];
    let mut each = Vec::new();
    for i in 0..n {
        let until = if i == 0 { one_along(x, dim)? } else { kept_product(&narrow(x, dim, 0, i)?, dim)? };
        let omitted = if i + 1 == n {
            until
        } else {
            let behind = cumprod(&narrow(x, dim, i + 1, n - i - 1)?, dim)?;
            let behind = if i == 0 { behind } else { mul(&until, &behind)? };
            cat(&[&until, &behind], dim)?
        };
        each.push(sum_dims(&mul(&narrow(g, dim, i, n - i)?, &omitted)?, &[dim], true)?);
    }
    cat(&each.iter().collect::<SmallVec<[&Tensor; 8]>>(), dim)
}

/// The same where only the value is asked for, for which PyTorch takes another way: by division
/// before the first zero of a line, by the products up to the second at the first, and 0 behind it.
fn around_first_zero(g: &Tensor, x: &Tensor, y: &Tensor, dim: usize) -> Result<Tensor> {
    let (zero, one) = (number(0.0)?, number(1.0)?);
    let is_zero = eq(x, &zero)?;
    let count = cumsum(&to(&is_zero, DType::Float32)?, dim)?;
    let (before, between) = (eq(&count, &zero)?, eq(&count, &one)?);
    let first = logical_and(&between, &is_zero)?;
    let inside = logical_and(&between, &logical_not(&is_zero)?)?;
    let divided = div(&reversed(&where_(&before, &mul(y, g)?, &zero)?, dim)?, x)?;
    let behind = mul(&cumprod(&where_(&inside, x, &one)?, dim)?, &where_(&between, g, &zero)?)?;
    let at_first = mul(&sum_dims(&behind, &[dim], true)?, &shift(y, dim, false, 1.0)?)?;
    where_(&before, &divided, &where_(&first, &at_first, &zero)?)
}

/// Ones of the shape of one element along `dim`.
pub(super) fn one_along(x: &Tensor, dim: usize) -> Result<Tensor> {
    full(&reduced_shape(x.shape(), &[dim], true), 1.0, x.dtype())
}

fn vjp(b: &Backward) -> Result<Grads> {
    let (g, x) = (b.g(), b.input(0)?);
    if x.rank() == 0 || x.numel() == 0 {
        return Ok(smallvec![Some(g.clone())]);
    }
    let dim = dim_of(b.attrs(), x.rank())?;
    if x.shape()[dim] == 1 {
        return Ok(smallvec![Some(g.clone())]);
    }
    let x = to(&x, g.dtype())?;
    Ok(smallvec![Some(if !has_zero(x.array())? {
        div(&reversed(&mul(g, &b.output(0)?)?, dim)?, &x)?
    } else if all_finite(x.array())? && all_finite(g.array())? {
        through_zeros(g, &x, dim)?
    } else if modes::grad_enabled() {
        omitted_products(g, &x, dim)?
    } else {
        around_first_zero(g, &x, &b.output(0)?, dim)?
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
    batching: &Batching::leading(&[0]),
    vjp: Vjp::Fn(vjp),
    saves: Saves::BOTH,
    samples: samples::scans,
    errors: samples::wrong_dim,
    ..OpDef::BASE
}
.shipped();

/// The running product along `dim`.
pub fn cumprod(x: &Tensor, dim: usize) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().int(dim as i64))
}
