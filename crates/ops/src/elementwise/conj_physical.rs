//! The conjugate, which a real number is itself.

use crate::shared::checks::only;
use crate::shared::samples;
use adjoint_autograd::{Arg, Body, OpDef};
use smallvec::smallvec;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "conj_physical",
    doc: "Returns `input` itself: real numbers are their own conjugates. Source: PyTorch, `torch.conj_physical`.",
    args: &[Arg::tensor("input")],
    in_place: true,
    body: Body::Composite(|inputs, _| Ok(smallvec![only(inputs)?.clone()])),
    samples: samples::unary,
    ..OpDef::COMPOSITE
}
.shipped();
