//! Whether some element is not zero.

use super::all::{DIM_ARGS, rule, run};
use crate::invoke;
use crate::shared::reduce::samples;
use adjoint_autograd::{Arg, Attrs, Batching, Body, Class, OpDef, Tensor, Vjp};
use adjoint_tensor::Result;

const DOC: &str = "Returns whether some element of `input` is not zero: of all elements, or over `dim`.\n\n\
     `dim` is a dim, a list of dims, or absent for all. NaN is not zero. False for no elements. bool, but uint8 for uint8. \
     Source: PyTorch, `torch.any`.";

/// The ops: over everything, and over dims.
pub static DEFS: &[&OpDef] = &[&ANY, &ANY_DIM];

static ANY: OpDef = OpDef {
    name: "any",
    doc: DOC,
    args: &[Arg::tensor("input")],
    class: Class::Reduce,
    body: Body::Kernel { rule, run: |call, outs| run(call, false, outs) },
    batching: &Batching::leading(&[0]),
    vjp: Vjp::None("the result is bool"),
    samples: samples::whole,
    ..OpDef::BASE
}
.shipped();

static ANY_DIM: OpDef = OpDef {
    name: "any.dim",
    doc: DOC,
    args: DIM_ARGS,
    class: Class::Reduce,
    body: Body::Kernel { rule, run: |call, outs| run(call, false, outs) },
    batching: &Batching::leading(&[0]),
    vjp: Vjp::None("the result is bool"),
    samples: samples::dims,
    errors: samples::wrong_dims,
    ..OpDef::BASE
}
.shipped();

/// Whether some element is not zero.
pub fn any(x: &Tensor) -> Result<Tensor> {
    invoke::with(&ANY, &[Some(x)], Attrs::new())
}

/// Whether any element along dim `d` is not 0.
pub fn any_dim(x: &Tensor, d: usize) -> Result<Tensor> {
    invoke::with(&ANY_DIM, &[Some(x)], Attrs::new().ints(&[d as i64]))
}
