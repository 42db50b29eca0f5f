//! The smallest element, with its index, or of two tensors.

use super::max::{DIM_ARGS, OTHER_ARGS, rule_all, rule_dim, run_all, run_dim, two, vjp_all, vjp_dim};
use crate::elementwise::minimum;
use crate::invoke;
use crate::shared::reduce::samples as dim_samples;
use crate::shared::samples;
use adjoint_autograd::{Arg, Attr, Attrs, Batching, Body, Class, OpDef, Outputs, Saves, Tensor, Vjp};
use adjoint_tensor::Result;

const DOC: &str = "Returns the smallest element of `input`; with `dim` the smallest of each line and its index; with `other` the smaller \
     of the two, element by element, as `minimum`.\n\n\
     NaN if there is one. Without `dim` equal elements share the gradient evenly; with `dim` it goes to the element whose index is \
     returned, the first of equals. An empty input is an error, and so is a `dim` without elements. The dim disappears unless \
     `keepdim`. Source: PyTorch, `torch.min`.";

/// The ops: over everything, of two tensors, and along a dim.
pub static DEFS: &[&OpDef] = &[&MIN, &MIN_OTHER, &MIN_DIM];

static MIN: OpDef = OpDef {
    name: "min",
    doc: DOC,
    args: &[Arg::tensor("input")],
    class: Class::Reduce,
    node: "MinBackward1",
    body: Body::Kernel { rule: rule_all, run: |call, outs| run_all(call, false, outs) },
    vjp: Vjp::Fn(vjp_all),
    saves: Saves::BOTH,
    samples: dim_samples::whole,
    errors: dim_samples::nothing,
    ..OpDef::BASE
}
.shipped();

static MIN_OTHER: OpDef = OpDef {
    name: "min.other",
    doc: DOC,
    args: OTHER_ARGS,
    body: Body::Composite(|inputs, _| two(inputs, minimum::minimum)),
    samples: samples::binary,
    errors: samples::binary_errors,
    ..OpDef::COMPOSITE
}
.shipped();

static MIN_DIM: OpDef = OpDef {
    name: "min.dim",
    doc: DOC,
    args: DIM_ARGS,
    outputs: &["values", "indices"],
    class: Class::Reduce,
    node: "MinBackward0",
    body: Body::Kernel { rule: rule_dim, run: |call, outs| run_dim(call, false, outs) },
    batching: &Batching::leading(&[0]),
    vjp: Vjp::Fn(vjp_dim),
    saves: Saves { inputs: &[], outputs: &[0b10] },
    samples: dim_samples::dim,
    errors: || dim_samples::nothing_to_choose(Attr::Int(1)),
    ..OpDef::BASE
}
.shipped();

/// The smallest element of all.
pub fn min_all(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&MIN, x)
}

/// The smallest elements along `dim` and their indices.
pub fn min_dim(x: &Tensor, dim: usize, keepdim: bool) -> Result<Outputs> {
    invoke::many(&MIN_DIM, &[Some(x)], Attrs::new().int(dim as i64).bool(keepdim))
}
