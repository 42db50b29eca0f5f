//! `other | input`.

use super::bitwise_or::bitwise_or;
use crate::shared::elementwise::reversed::{REVERSED, exchanged, integers};
use adjoint_autograd::{Body, OpDef};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "ror",
    doc: "Returns the bits that `other` or `input` has. Source: PyTorch, `Tensor.__ror__`.",
    body: Body::Composite(|inputs, _| exchanged(inputs, bitwise_or)),
    samples: integers,
    ..REVERSED
}
.shipped();
