//! `A = Q R`, by the older name.

use super::linalg_qr::qr;
use crate::shared::linalg::COMPOSITE;
use crate::shared::view::samples::{call, fails};
use adjoint_autograd::{Api, Arg, Attr, Body, Default, Kind, OpDef, required};
use adjoint_tensor::Code;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "qr",
    doc: "Returns Q and R, `input = Q R`: `linalg.qr` with mode \"reduced\", or without `some` \"complete\". Source: PyTorch, `torch.qr`.",
    args: &[Arg::tensor("input"), Arg::optional("some", Kind::Bool, Default::Bool(true))],
    outputs: &["Q", "R"],
    surface: &[Api::Function, Api::Method],
    body: Body::Composite(|inputs, attrs| qr(required(inputs, 0), matches!(attrs.get(0), Attr::Bool(false)))),
    samples: || vec![call("tall", &[4, 2], []), call("complete", &[2, 3], [Attr::Bool(false)])],
    errors: || vec![fails(call("a vector", &[3], []), Code::Shape, "at least 2 dimensions")],
    ..COMPOSITE
}
.shipped();
