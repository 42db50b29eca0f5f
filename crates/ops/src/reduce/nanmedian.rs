//! The middle element of what is not NaN.

use super::max::{DIM_ARGS, vjp_all};
use super::median::{along_dim, rule, run_skipping};
use crate::shared::reduce::samples;
use adjoint_autograd::{Arg, Body, Class, OpDef, Saves, Vjp};

/// The ops: of everything, and along a dim.
pub static DEFS: &[&OpDef] = &[&ALL, &DIM];

static ALL: OpDef = OpDef {
    name: "nanmedian",
    doc: "Returns the middle element of those of `input` that are not NaN, the lower one where their number is even.\n\n\
          NaN only where all are. Otherwise as `median`. Source: PyTorch, `torch.nanmedian`.",
    args: &[Arg::tensor("input")],
    class: Class::Reduce,
    node: "NanmedianBackward0",
    body: Body::Kernel { rule, run: run_skipping },
    vjp: Vjp::Fn(vjp_all),
    saves: Saves::BOTH,
    samples: samples::whole,
    ..OpDef::BASE
}
.shipped();

static DIM: OpDef = OpDef {
    name: "nanmedian.dim",
    args: DIM_ARGS,
    outputs: &["values", "indices"],
    class: Class::Composite,
    body: Body::Composite(|inputs, attrs| along_dim(inputs, attrs, true)),
    vjp: Vjp::Composite,
    samples: samples::dim,
    errors: samples::wrong_dim,
    ..ALL
}
.shipped();
