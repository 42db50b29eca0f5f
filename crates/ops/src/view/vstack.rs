//! Tensors joined along the first dim, vectors as rows.

use super::atleast_2d::atleast_2d;
use crate::shared::view::stacks::{STACK, joined};
use adjoint_autograd::{Body, OpDef};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "vstack",
    doc: "Returns the given `tensors` joined along the first dim, vectors as rows. Source: PyTorch, `torch.vstack`.",
    body: Body::Composite(|inputs, _| joined(inputs, atleast_2d, |_| 0)),
    ..STACK
}
.shipped();
