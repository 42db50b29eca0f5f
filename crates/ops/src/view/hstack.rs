//! Tensors joined along the second dim, vectors along the first.

use super::atleast_1d::atleast_1d;
use crate::shared::view::stacks::{STACK, joined};
use adjoint_autograd::{Body, OpDef};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "hstack",
    doc: "Returns the given `tensors` joined along the second dim, or the first where they are vectors. \
          Source: PyTorch, `torch.hstack`.",
    body: Body::Composite(|inputs, _| joined(inputs, atleast_1d, |first| usize::from(first.rank() > 1))),
    ..STACK
}
.shipped();
