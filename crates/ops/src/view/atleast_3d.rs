//! At least three dims.

use super::{atleast_2d::atleast_2d, unsqueeze::unsqueeze};
use crate::shared::view::atleast::ATLEAST;
use adjoint_autograd::{Body, OpDef, Tensor, required};
use adjoint_tensor::Result;
use smallvec::smallvec;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "atleast_3d",
    doc: "Returns `input`, or a view with three dims of a smaller tensor: \
          shape [n] becomes [1, n, 1] and [m, n] becomes [m, n, 1]. Source: PyTorch, `torch.atleast_3d`.",
    body: Body::Composite(|inputs, _| Ok(smallvec![atleast_3d(required(inputs, 0))?])),
    ..ATLEAST
}
.shipped();

/// `x` with at least three dims; a matrix becomes one of columns of one element.
pub fn atleast_3d(x: &Tensor) -> Result<Tensor> {
    let x = atleast_2d(x)?;
    if x.rank() == 2 { unsqueeze(&x, 2) } else { Ok(x) }
}
