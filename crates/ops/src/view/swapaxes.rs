//! Another name of `transpose`.

use crate::shared::view::swapped::SWAPPED;
use adjoint_autograd::{Arg, Kind, OpDef};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "swapaxes",
    doc: "Another name of `transpose`. Source: PyTorch, `torch.swapaxes`.",
    args: &[Arg::tensor("input"), Arg::required("axis0", Kind::Int), Arg::required("axis1", Kind::Int)],
    ..SWAPPED
}
.shipped();
