//! `other + input`.

use super::add::add;
use crate::shared::elementwise::reversed::{REVERSED, exchanged};
use adjoint_autograd::{Body, OpDef};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "radd",
    doc: "Returns `other + input`. Source: PyTorch, `Tensor.__radd__`.",
    body: Body::Composite(|inputs, _| exchanged(inputs, add)),
    ..REVERSED
}
.shipped();
