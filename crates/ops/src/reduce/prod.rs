//! Products.

use super::cumprod::{cumprod, has_zero, one_along};
use super::sum::{restore, result_dtype};
use crate::create::zeros_like::zeros_like;
use crate::elementwise::{div::div, mul::mul, to::to};
use crate::invoke;
use crate::shared::dims::{dim_or_none, one_of, reduced_shape};
use crate::shared::reduce::samples;
use crate::view::narrow::narrow as slice_of;
use crate::view::{cat::cat, flip::flip, reshape::reshape};
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Arg, Attrs, Backward, Batching, Body, Call, Class, Facts, Grads, Half, Kind, OpDef, Saves, Spec, Specs, Tensor,
    Vjp, modes,
};
use adjoint_cpu::reduce::prod_into;
use adjoint_tensor::{Array, Dims, Error, Result};
use smallvec::smallvec;

fn rule_all(call: &Facts) -> Result<Specs> {
    Ok(Spec::one([], result_dtype(call.input(0).dtype(), call.attrs.opt_dtype(0))))
}

fn run_all(call: &Call, outs: &mut [Array]) -> Result<()> {
    let dims: Dims = (0..call.input(0).rank()).collect();
    prod_into(call.input(0), &dims, &mut outs[0])
}

fn dim_of(attrs: &Attrs, rank: usize) -> Result<usize> {
    dim_or_none(attrs, 0, rank)?.ok_or_else(|| Error::usage("expected a dim"))
}

fn rule_dim(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    let dims = one_of(dim_of(call.attrs, x.rank())?, x.rank());
    let dtype = result_dtype(x.dtype(), call.attrs.opt_dtype(2));
    Ok(Spec::one(reduced_shape(x.shape(), &dims, call.attrs.get_bool(1)), dtype))
}

fn run_dim(call: &Call, outs: &mut [Array]) -> Result<()> {
    let x = call.input(0);
    prod_into(x, &one_of(dim_of(call.attrs, x.rank())?, x.rank()), &mut outs[0])
}

/// The gradient along `dim` of `x` for `g` and the product `y`, both with the dim kept.
fn gradient(g: &Tensor, x: &Tensor, y: &Tensor, dim: usize) -> Result<Tensor> {
    if !has_zero(x.array())? {
        return mul(g, &div(y, x)?);
    }
    let n = x.shape()[dim];
    if n == 1 {
        return Ok(g.clone());
    }
    // Each product without one factor: of those before times those behind.
    let one = one_along(x, dim)?;
    let before = cumprod(&cat(&[&one, &slice_of(x, dim, 0, n - 1)?], dim)?, dim)?;
    let reversed = flip(&slice_of(x, dim, 1, n - 1)?, &[dim])?;
    let behind = flip(&cumprod(&cat(&[&one, &reversed], dim)?, dim)?, &[dim])?;
    mul(g, &mul(&before, &behind)?)
}

fn vjp_all(b: &Backward) -> Result<Grads> {
    let g = b.g();
    let x = to(&b.input(0)?, g.dtype())?;
    if x.rank() == 0 || x.numel() == 0 {
        return Ok(smallvec![Some(crate::view::expand::expand(g, x.shape())?)]);
    }
    // Two zeros make every product 0, whatever the other factors are; as in PyTorch only where
    // nothing is recorded.
    if !modes::grad_enabled()
        && !x.array().is_batched()
        && x.array().to_vec_f64()?.iter().filter(|&&v| v == 0.0).count() > 1
    {
        return Ok(smallvec![Some(zeros_like(&x)?)]);
    }
    let flat = reshape(&x, &[x.numel()])?;
    let one = |t: &Tensor| reshape(t, &[1]);
    Ok(smallvec![Some(reshape(&gradient(&one(g)?, &flat, &one(&b.output(0)?)?, 0)?, x.shape())?)])
}

fn vjp_dim(b: &Backward) -> Result<Grads> {
    let g = b.g();
    let x = to(&b.input(0)?, g.dtype())?;
    if x.rank() == 0 {
        return Ok(smallvec![Some(g.clone())]);
    }
    let dim = dim_of(b.attrs(), x.rank())?;
    if x.numel() == 0 {
        return Ok(smallvec![Some(restore(g, x.shape(), &[dim], b.attrs().get_bool(1))?)]);
    }
    let kept = reduced_shape(x.shape(), &[dim], true);
    Ok(smallvec![Some(gradient(&reshape(g, &kept)?, &x, &reshape(&b.output(0)?, &kept)?, dim)?)])
}

const DOC: &str = "Returns the product of all elements of `input`, or along `dim`.\n\n\
     The product of nothing is 1. Integers and bools are multiplied in int64, `dtype` casts first. `dx = g · out / x`; where there are \
     zeros, the product of the other factors. The dim disappears unless `keepdim`. Source: PyTorch, `torch.prod`.";

/// The ops: over everything, and along a dim.
pub static DEFS: &[&OpDef] = &[&PROD, &PROD_DIM];

static PROD: OpDef = OpDef {
    name: "prod",
    doc: DOC,
    args: &[Arg::tensor("input"), Arg::optional("dtype", Kind::DType, Default::None)],
    class: Class::Reduce,
    node: "ProdBackward0",
    body: Body::Kernel { rule: rule_all, run: run_all },
    vjp: Vjp::Fn(vjp_all),
    saves: Saves::BOTH,
    half: Half::Native,
    samples: samples::whole,
    ..OpDef::BASE
}
.shipped();

static PROD_DIM: OpDef = OpDef {
    name: "prod.dim_int",
    doc: DOC,
    args: &[
        Arg::tensor("input"),
        Arg::required("dim", Kind::Int),
        Arg::optional("keepdim", Kind::Bool, Default::Bool(false)),
        Arg::optional("dtype", Kind::DType, Default::None),
    ],
    class: Class::Reduce,
    node: "ProdBackward1",
    body: Body::Kernel { rule: rule_dim, run: run_dim },
    batching: &Batching::leading(&[0]),
    vjp: Vjp::Fn(vjp_dim),
    saves: Saves::BOTH,
    half: Half::Native,
    samples: samples::dim,
    errors: samples::wrong_dim,
    ..OpDef::BASE
}
.shipped();

/// The product of all elements.
pub fn prod_all(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&PROD, x)
}

/// The product along `dim`, which is kept.
pub(crate) fn kept_product(x: &Tensor, dim: usize) -> Result<Tensor> {
    invoke::with(&PROD_DIM, &[Some(x)], Attrs::new().int(dim as i64).bool(true).none())
}

/// The product along `dim`.
pub fn prod_dim(x: &Tensor, dim: usize, keepdim: bool) -> Result<Tensor> {
    invoke::with(&PROD_DIM, &[Some(x)], Attrs::new().int(dim as i64).bool(keepdim).none())
}
