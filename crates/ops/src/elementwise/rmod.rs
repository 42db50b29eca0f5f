//! `other % input`.

use super::remainder::remainder;
use crate::shared::elementwise::reversed::{REVERSED, exchanged, positive};
use adjoint_autograd::{Body, OpDef};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "rmod",
    doc: "Returns what division of `other` by `input` leaves, with the sign of `input`. Source: PyTorch, `Tensor.__rmod__`.",
    body: Body::Composite(|inputs, _| exchanged(inputs, remainder)),
    samples: positive,
    ..REVERSED
}
.shipped();
