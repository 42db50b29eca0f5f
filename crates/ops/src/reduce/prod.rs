//! Products.

use super::along::{along, dim_or_none, one_of, reduced_shape};
use super::cases;
use super::cumprod::{has_zero, through_zeros};
use super::element::{floats, integer_elements};
use super::sum::{narrow, restore, result_dtype};
use crate::elementwise::{div::div, mul::mul, to::to, where_::where_};
use crate::invoke;
use crate::view::reshape::reshape;
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Arg, Attrs, Backward, Body, Call, Class, Facts, Grads, Kind, OpDef, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_kernels::reduce;
use adjoint_tensor::{Array, DType, Dims, Error, Result, Scalar, scratch};
use smallvec::smallvec;

fn prod_into(x: &Array, dims: &[usize], out: &mut Array) -> Result<()> {
    let dtype = out.dtype();
    if dtype.is_float() {
        let view = along(&x.cast(dtype)?, dims)?;
        floats!(dtype, T => reduce::prod(view.array.as_slice::<T>(), view.axis, out.as_mut_slice::<T>()));
        return Ok(());
    }
    let x = if x.dtype().is_float() { x.cast(DType::Int64)? } else { x.clone() };
    let view = along(&x, dims)?;
    let mut wide = scratch::filled(0i64, view.axis.reduced())?;
    integer_elements!(view.array, x => reduce::prod_int(x, view.axis, &mut wide));
    narrow(wide, out)
}

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
    // The product is the last of the running products: their gradient with `g` there and 0 elsewhere.
    let n = x.shape()[dim];
    let mut line: Dims = Dims::from_elem(1, x.rank());
    line[dim] = n;
    let last = scratch::collected((0..n).map(|i| i64::from(i + 1 == n)))?;
    let last = Tensor::from_array(Array::from_slice(&last, &line)?.cast(DType::Bool)?);
    let zero = Tensor::from_array(Array::full(&[], g.dtype(), Scalar::Int(0))?);
    through_zeros(&where_(&last, &restore(g, x.shape(), &[dim], true)?, &zero)?, x, dim)
}

fn vjp_all(b: &Backward) -> Result<Grads> {
    let g = b.g();
    let x = to(&b.input(0)?, g.dtype())?;
    if x.rank() == 0 || x.numel() == 0 {
        return Ok(smallvec![Some(crate::view::expand::expand(g, x.shape())?)]);
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
    samples: cases::whole,
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
    vjp: Vjp::Fn(vjp_dim),
    saves: Saves::BOTH,
    samples: cases::dim,
    errors: cases::wrong_dim,
    ..OpDef::BASE
}
.shipped();

/// The product of all elements.
pub fn prod_all(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&PROD, x)
}
