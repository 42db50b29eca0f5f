//! `other ^ input`.

use super::bitwise_xor::bitwise_xor;
use crate::shared::elementwise::reversed::{REVERSED, exchanged, integers};
use adjoint_autograd::{Body, OpDef};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "rxor",
    doc: "Returns the bits that one of `other` and `input` has. Source: PyTorch, `Tensor.__rxor__`.",
    body: Body::Composite(|inputs, _| exchanged(inputs, bitwise_xor)),
    samples: integers,
    ..REVERSED
}
.shipped();
