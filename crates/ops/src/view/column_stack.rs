//! Tensors joined along the second dim, vectors as columns.

use super::reshape::reshape;
use crate::shared::view::stacks::{STACK, joined};
use adjoint_autograd::{Body, OpDef, Tensor};
use adjoint_tensor::Result;

/// Vectors and 0-dim tensors as columns.
fn column(x: &Tensor) -> Result<Tensor> {
    if x.rank() < 2 { reshape(x, &[x.numel(), 1]) } else { Ok(x.clone()) }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "column_stack",
    doc: "Returns the given `tensors` joined along the second dim, vectors as columns. \
          Source: PyTorch, `torch.column_stack`.",
    body: Body::Composite(|inputs, _| joined(inputs, column, |_| 1)),
    ..STACK
}
.shipped();
