//! Tensors joined along the third dim.

use super::atleast_3d::atleast_3d;
use crate::shared::view::stacks::{STACK, joined};
use adjoint_autograd::{Body, OpDef};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "dstack",
    doc: "Returns the given `tensors` joined along the third dim, each made to have three by `atleast_3d`. \
          Source: PyTorch, `torch.dstack`.",
    body: Body::Composite(|inputs, _| joined(inputs, atleast_3d, |_| 2)),
    ..STACK
}
.shipped();
