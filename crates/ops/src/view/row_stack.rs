//! Another name of `vstack`.

use super::atleast_2d::atleast_2d;
use crate::shared::view::stacks::{STACK, joined};
use adjoint_autograd::{Body, OpDef};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "row_stack",
    doc: "Returns the given `tensors` joined along the first dim, vectors as rows; another name of `vstack`. \
          Source: PyTorch, `torch.row_stack`.",
    body: Body::Composite(|inputs, _| joined(inputs, atleast_2d, |_| 0)),
    ..STACK
}
.shipped();
