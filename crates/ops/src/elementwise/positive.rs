//! The number itself.

use crate::shared::checks::{not_bools, only};
use crate::shared::samples;
use adjoint_autograd::{Arg, Body, Check, OpDef};
use smallvec::smallvec;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "positive",
    doc: "Returns `input` itself: Python's `+x`.\n\n\
          Bools are an error. Source: PyTorch, `torch.positive`.",
    args: &[Arg::tensor("input")],
    check: Check::Calls(|inputs, _, _| not_bools(inputs)),
    body: Body::Composite(|inputs, _| Ok(smallvec![only(inputs)?.clone()])),
    samples: samples::unary,
    ..OpDef::COMPOSITE
}
.shipped();
