//! `other · input`.

use super::mul::mul;
use crate::shared::elementwise::reversed::{REVERSED, exchanged};
use adjoint_autograd::{Body, OpDef};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "rmul",
    doc: "Returns `other · input`. Source: PyTorch, `Tensor.__rmul__`.",
    body: Body::Composite(|inputs, _| exchanged(inputs, mul)),
    ..REVERSED
}
.shipped();
