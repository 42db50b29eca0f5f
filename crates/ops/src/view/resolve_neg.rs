//! A tensor without a pending negation, of which there are none here.

use crate::shared::checks::only;
use crate::shared::samples;
use adjoint_autograd::{Alias, Arg, Body, OpDef};
use smallvec::smallvec;

/// The ops: tensors here are neither negated nor conjugated lazily.
pub static DEFS: &[&OpDef] = &[&CONJ, &NEG];

static NEG: OpDef = OpDef {
    name: "resolve_neg",
    doc: "Returns `input`: no tensor here is negated lazily. Source: PyTorch, `torch.resolve_neg`.",
    args: &[Arg::tensor("input")],
    body: Body::Composite(|inputs, _| Ok(smallvec![only(inputs)?.clone()])),
    samples: samples::unary,
    ..OpDef::COMPOSITE
}
.shipped();

static CONJ: OpDef = OpDef {
    name: "resolve_conj",
    doc: "Returns `input`: tensors here are real. Source: PyTorch, `torch.resolve_conj`.",
    also: &[Alias::both("conj"), Alias::function("real")],
    ..NEG
}
.shipped();
