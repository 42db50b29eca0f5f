//! The sum of the diagonal.

use super::diagonal::diagonal;
use crate::reduce::sum::sum_all;
use crate::shared::view::samples::{fails, tensors};
use adjoint_autograd::{Arg, Body, OpDef};
use adjoint_tensor::{Code, Error};
use smallvec::smallvec;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "trace",
    doc: "Returns the sum of the diagonal of a matrix. Source: PyTorch, `torch.trace`.",
    args: &[Arg::tensor("input")],
    body: Body::Composite(|inputs, _| {
        let x = inputs[0].ok_or_else(|| Error::usage("expected a tensor"))?;
        if x.rank() != 2 {
            return Err(Error::shape(format!("expected a matrix, got shape {:?}", x.shape())));
        }
        Ok(smallvec![sum_all(&diagonal(x, 0, 0, 1)?)?])
    }),
    samples: || vec![tensors("a square", &[&[3, 3]]), tensors("tall", &[&[4, 2]])],
    errors: || vec![fails(tensors("a vector", &[&[3]]), Code::Shape, "expected a matrix")],
    ..OpDef::COMPOSITE
}
.shipped();
