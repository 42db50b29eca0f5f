//! Means.

use super::sum::restore;
use crate::elementwise::div::div;
use crate::invoke;
use crate::shared::dims::{dims_or_all, reduced_shape};
use crate::shared::reduce::samples;
use crate::view::expand::expand;
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Arg, Attr, Attrs, Backward, Batching, Body, Call, Class, Facts, Grads, Jvp, Kind, OpDef, Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::reduce::mean_into;
use adjoint_tensor::{Array, DType, Dims, Error, Result};
use smallvec::smallvec;

fn result_dtype(x: DType, dtype: Option<DType>) -> Result<DType> {
    let out = dtype.unwrap_or(x);
    if out.is_float() {
        return Ok(out);
    }
    Err(Error::dtype(format!(
        "could not infer the result's dtype: expected a floating-point tensor, got {}; pass dtype or cast with to()",
        out.name()
    ))
    .with("dtype", out.name()))
}

fn rule_all(call: &Facts) -> Result<Specs> {
    Ok(Spec::one([], result_dtype(call.input(0).dtype(), call.attrs.opt_dtype(0))?))
}

fn run_all(call: &Call, outs: &mut [Array]) -> Result<()> {
    let dims: Dims = (0..call.input(0).rank()).collect();
    mean_into(call.input(0), &dims, &mut outs[0])
}

fn vjp_all(b: &Backward) -> Result<Grads> {
    let n: usize = b.shape(0).iter().product();
    Ok(smallvec![Some(expand(&div(b.g(), &invoke::number(n as f64)?)?, b.shape(0))?)])
}

fn rule_dim(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    let dims = dims_or_all(call.attrs, 0, x.rank())?;
    let dtype = result_dtype(x.dtype(), call.attrs.opt_dtype(2))?;
    Ok(Spec::one(reduced_shape(x.shape(), &dims, call.attrs.get_bool(1)), dtype))
}

fn run_dim(call: &Call, outs: &mut [Array]) -> Result<()> {
    let x = call.input(0);
    mean_into(x, &dims_or_all(call.attrs, 0, x.rank())?, &mut outs[0])
}

fn vjp_dim(b: &Backward) -> Result<Grads> {
    let shape = b.shape(0);
    let dims = dims_or_all(b.attrs(), 0, shape.len())?;
    let n: usize = dims.iter().map(|&d| shape[d]).product();
    let g = div(b.g(), &invoke::number(n as f64)?)?;
    Ok(smallvec![Some(restore(&g, shape, &dims, b.attrs().get_bool(1))?)])
}

const DOC: &str = "Returns the mean of `input` over all elements, or over `dim`.\n\n\
     `dim` is a dim, a list of dims, or absent for all; reduced dims disappear unless `keepdim`. The mean of nothing is NaN. Integers are \
     an error unless a floating `dtype` is given, to which they are cast first. `dx = g / n`. Summed as `sum` does. \
     Source: PyTorch, `torch.mean`.";

/// The ops: over everything, and over dims.
pub static DEFS: &[&OpDef] = &[&MEAN, &MEAN_DIM];

static MEAN: OpDef = OpDef {
    name: "mean",
    doc: DOC,
    args: &[Arg::tensor("input"), Arg::optional("dtype", Kind::DType, Default::None)],
    class: Class::Reduce,
    node: "MeanBackward0",
    body: Body::Kernel { rule: rule_all, run: run_all },
    batching: &Batching::As(&MEAN_DIM, |attrs| Attrs::new().none().bool(false).with(attrs.get(0).clone())),
    vjp: Vjp::Fn(vjp_all),
    jvp: Jvp::Linear,
    samples: samples::whole,
    errors: || vec![samples::integers([])],
    ..OpDef::BASE
}
.shipped();

static MEAN_DIM: OpDef = OpDef {
    name: "mean.dim",
    doc: DOC,
    args: &[
        Arg::tensor("input"),
        Arg::optional("dim", Kind::Ints, Default::None),
        Arg::optional("keepdim", Kind::Bool, Default::Bool(false)),
        Arg::optional("dtype", Kind::DType, Default::None),
    ],
    class: Class::Reduce,
    node: "MeanBackward1",
    body: Body::Kernel { rule: rule_dim, run: run_dim },
    batching: &Batching::leading(&[0]),
    vjp: Vjp::Fn(vjp_dim),
    jvp: Jvp::Linear,
    samples: samples::dims,
    errors: || {
        let mut out = samples::wrong_dims();
        out.push(samples::integers([Attr::Int(0)]));
        out
    },
    ..OpDef::BASE
}
.shipped();

/// The mean of all elements.
pub fn mean_all(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&MEAN, x)
}

/// The mean over `dims`; `x` itself where there are none.
pub fn mean_dims(x: &Tensor, dims: &[usize], keepdim: bool) -> Result<Tensor> {
    if dims.is_empty() {
        return Ok(x.clone());
    }
    invoke::with(&MEAN_DIM, &[Some(x)], Attrs::new().shape(dims).bool(keepdim))
}
