//! The conjugate transpose of matrices.

use super::transpose::transpose;
use crate::shared::checks::only;
use crate::shared::view::samples::{call, fails};
use adjoint_autograd::{Arg, Body, OpDef, Outputs, Tensor};
use adjoint_tensor::{Code, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>]) -> Result<Outputs> {
    let x = only(inputs)?;
    match x.rank() {
        0 => Ok(smallvec![x.clone()]),
        1 => Err(Error::shape(format!(
            "only supported on matrices and batches of matrices, got a vector of shape {:?}",
            x.shape()
        ))),
        rank => Ok(smallvec![transpose(x, rank - 2, rank - 1)?]),
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "adjoint",
    doc: "Returns a view of `input` with its last two dims exchanged: real numbers are their own conjugates.\n\n\
          **Shapes**: `input` is `[*, m, n]` or 0-dim, which stays as it is. Source: PyTorch, `torch.adjoint`.",
    args: &[Arg::tensor("input")],
    body: Body::Composite(|inputs, _| body(inputs)),
    samples: || vec![call("a matrix", &[2, 3], []), call("a batch", &[2, 1, 3], []), call("a 0-dim tensor", &[], [])],
    errors: || vec![fails(call("a vector", &[3], []), Code::Shape, "only supported on matrices")],
    ..OpDef::COMPOSITE
}
.shipped();
