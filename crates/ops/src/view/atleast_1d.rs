//! At least one dim.

use super::unsqueeze::unsqueeze;
use crate::shared::view::atleast::ATLEAST;
use adjoint_autograd::{Body, OpDef, Tensor, required};
use adjoint_tensor::Result;
use smallvec::smallvec;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "atleast_1d",
    doc: "Returns `input`, or a view with one dim of a 0-dim tensor. Source: PyTorch, `torch.atleast_1d`.",
    body: Body::Composite(|inputs, _| Ok(smallvec![atleast_1d(required(inputs, 0))?])),
    ..ATLEAST
}
.shipped();

/// `x` with at least one dim.
pub fn atleast_1d(x: &Tensor) -> Result<Tensor> {
    if x.rank() == 0 { unsqueeze(x, 0) } else { Ok(x.clone()) }
}
