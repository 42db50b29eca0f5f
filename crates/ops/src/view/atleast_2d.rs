//! At least two dims.

use super::{atleast_1d::atleast_1d, unsqueeze::unsqueeze};
use crate::shared::view::atleast::ATLEAST;
use adjoint_autograd::{Body, OpDef, Tensor, required};
use adjoint_tensor::Result;
use smallvec::smallvec;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "atleast_2d",
    doc: "Returns `input`, or a view with two dims of a smaller tensor: \
          a vector becomes a row. Source: PyTorch, `torch.atleast_2d`.",
    body: Body::Composite(|inputs, _| Ok(smallvec![atleast_2d(required(inputs, 0))?])),
    ..ATLEAST
}
.shipped();

/// `x` with at least two dims; a vector becomes a row.
pub fn atleast_2d(x: &Tensor) -> Result<Tensor> {
    let x = atleast_1d(x)?;
    if x.rank() == 1 { unsqueeze(&x, 0) } else { Ok(x) }
}
