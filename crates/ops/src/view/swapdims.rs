//! Another name of `transpose`.

use crate::shared::view::swapped::SWAPPED;
use adjoint_autograd::{Arg, Kind, OpDef};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "swapdims",
    doc: "Another name of `transpose`. Source: PyTorch, `torch.swapdims`.",
    args: &[Arg::tensor("input"), Arg::required("dim0", Kind::Int), Arg::required("dim1", Kind::Int)],
    ..SWAPPED
}
.shipped();
