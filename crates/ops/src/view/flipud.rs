//! A matrix turned upside down.

use super::flip;
use crate::shared::view::samples::{fails, tensors};
use adjoint_autograd::{Api, Arg, Body, OpDef, required};
use adjoint_tensor::{Code, Error};
use smallvec::smallvec;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "flipud",
    doc: "Returns a copy of `input` with the order of elements along the first dim reversed. Source: PyTorch, `torch.flipud`.",
    args: &[Arg::tensor("input")],
    surface: &[Api::Function, Api::Method],
    body: Body::Composite(|inputs, _| {
        let x = required(inputs, 0);
        if x.rank() < 1 {
            return Err(Error::shape(format!("input must be at least 1-d, got shape {:?}", x.shape())));
        }
        Ok(smallvec![flip::flip(x, &[0])?])
    }),
    samples: || vec![tensors("a matrix", &[&[2, 3]])],
    errors: || vec![fails(tensors("too few dims", &[&[]]), Code::Shape, "at least 1-d")],
    ..OpDef::COMPOSITE
}
.shipped();
