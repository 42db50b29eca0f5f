//! `other / input`.

use super::{mul::mul, reciprocal::reciprocal};
use crate::shared::elementwise::reversed::{REVERSED, exchanged, positive};
use adjoint_autograd::{Body, OpDef, Tensor};
use adjoint_tensor::Result;

/// PyTorch's `__rdiv__`, which rounds twice.
fn divided_by(other: &Tensor, x: &Tensor) -> Result<Tensor> {
    mul(&reciprocal(x)?, other)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "rdiv",
    doc: "Returns `other / input`. Source: PyTorch, `Tensor.__rdiv__`.",
    body: Body::Composite(|inputs, _| exchanged(inputs, divided_by)),
    samples: positive,
    ..REVERSED
}
.shipped();
