//! `other to the power input`.

use super::pow::pow;
use crate::shared::elementwise::reversed::{REVERSED, exchanged, positive};
use adjoint_autograd::{Body, OpDef};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "rpow",
    doc: "Returns `other to the power input`. Source: PyTorch, `Tensor.__rpow__`.",
    body: Body::Composite(|inputs, _| exchanged(inputs, pow)),
    samples: positive,
    ..REVERSED
}
.shipped();
