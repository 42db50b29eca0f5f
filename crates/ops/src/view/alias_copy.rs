//! A copy.

use super::clone::clone;
use crate::shared::checks::only;
use crate::shared::samples;
use adjoint_autograd::{Api, Arg, Body, OpDef};
use smallvec::smallvec;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "alias_copy",
    doc: "Returns a copy of `input`. Source: PyTorch, `torch.alias_copy`.",
    args: &[Arg::tensor("input")],
    surface: &[Api::Function],
    body: Body::Composite(|inputs, _| Ok(smallvec![clone(only(inputs)?)?])),
    samples: samples::unary,
    ..OpDef::COMPOSITE
}
.shipped();
