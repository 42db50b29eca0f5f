//! Sums.

use crate::invoke;
use crate::shared::dims::{dims_or_all, reduced_shape};
use crate::shared::reduce::samples;
use crate::view::{expand::expand, unsqueeze::unsqueeze};
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Arg, Attrs, Backward, Batching, Body, Call, Class, Facts, Grads, Jvp, Kind, OpDef, Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::reduce::sum_into;
use adjoint_tensor::dims::sort_few;
use adjoint_tensor::{Array, DType, Dims, Result};
use smallvec::smallvec;

/// The dtype sums and products come out in: `dtype` where given, int64 for integers and bools, else
/// the input's.
pub(super) fn result_dtype(x: DType, dtype: Option<DType>) -> DType {
    dtype.unwrap_or(if x.is_float() { x } else { DType::Int64 })
}

/// The gradient of a reduction at the shape it was reduced from: reduced dims come back with size
/// 1, then stretched.
pub(crate) fn restore(g: &Tensor, shape: &[usize], dims: &[usize], keepdim: bool) -> Result<Tensor> {
    let mut g = g.clone();
    if !keepdim && g.rank() > 0 {
        let mut dims = Dims::from_slice(dims);
        sort_few(&mut dims, |d| d);
        for &d in &dims {
            g = unsqueeze(&g, d)?;
        }
    }
    expand(&g, shape)
}

fn rule_all(call: &Facts) -> Result<Specs> {
    Ok(Spec::one([], result_dtype(call.input(0).dtype(), call.attrs.opt_dtype(0))))
}

fn run_all(call: &Call, outs: &mut [Array]) -> Result<()> {
    let x = call.input(0);
    let dims: Dims = (0..x.rank()).collect();
    sum_into(x, &dims, &mut outs[0])
}

fn rule_dim(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    let dims = dims_or_all(call.attrs, 0, x.rank())?;
    let dtype = result_dtype(x.dtype(), call.attrs.opt_dtype(2));
    Ok(Spec::one(reduced_shape(x.shape(), &dims, call.attrs.get_bool(1)), dtype))
}

fn run_dim(call: &Call, outs: &mut [Array]) -> Result<()> {
    let x = call.input(0);
    sum_into(x, &dims_or_all(call.attrs, 0, x.rank())?, &mut outs[0])
}

fn vjp_dim(b: &Backward) -> Result<Grads> {
    let shape = b.shape(0);
    let dims = dims_or_all(b.attrs(), 0, shape.len())?;
    Ok(smallvec![Some(restore(b.g(), shape, &dims, b.attrs().get_bool(1))?)])
}

const DOC: &str = "Returns the sum of `input` over all elements, or over `dim`.\n\n\
     `dim` is a dim, a list of dims, or absent for all; reduced dims disappear unless `keepdim`. Integers and bools are summed in \
     int64, `dtype` casts before summing. The sum of nothing is 0. Floats are summed in a cascade, so the error grows \
     with the logarithm of the number of elements. `dx = g`, stretched to the shape of `input`. One pass; nothing is saved. \
     Source: PyTorch, `torch.sum`.";

/// The ops: over everything, and over dims.
pub static DEFS: &[&OpDef] = &[&SUM, &SUM_DIM];

static SUM: OpDef = OpDef {
    name: "sum",
    doc: DOC,
    args: &[Arg::tensor("input"), Arg::optional("dtype", Kind::DType, Default::None)],
    class: Class::Reduce,
    node: "SumBackward0",
    body: Body::Kernel { rule: rule_all, run: run_all },
    batching: &Batching::As(&SUM_DIM, |attrs| Attrs::new().none().bool(false).with(attrs.get(0).clone())),
    vjp: Vjp::Fn(|b| Ok(smallvec![Some(expand(b.g(), b.shape(0))?)])),
    jvp: Jvp::Linear,
    samples: samples::whole,
    ..OpDef::BASE
}
.shipped();

static SUM_DIM: OpDef = OpDef {
    name: "sum.dim",
    doc: DOC,
    args: &[
        Arg::tensor("input"),
        Arg::optional("dim", Kind::Ints, Default::None),
        Arg::optional("keepdim", Kind::Bool, Default::Bool(false)),
        Arg::optional("dtype", Kind::DType, Default::None),
    ],
    class: Class::Reduce,
    node: "SumBackward1",
    body: Body::Kernel { rule: rule_dim, run: run_dim },
    batching: &Batching::leading(&[0]),
    vjp: Vjp::Fn(vjp_dim),
    jvp: Jvp::Linear,
    samples: samples::dims,
    errors: samples::wrong_dims,
    ..OpDef::BASE
}
.shipped();

/// The sum of all elements.
pub fn sum_all(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&SUM, x)
}

/// The sum over `dims`; `x` itself where there are none.
pub fn sum_dims(x: &Tensor, dims: &[usize], keepdim: bool) -> Result<Tensor> {
    if dims.is_empty() {
        return Ok(x.clone());
    }
    invoke::with(&SUM_DIM, &[Some(x)], Attrs::new().shape(dims).bool(keepdim))
}
