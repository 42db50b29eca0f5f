//! `reshape` to the shape of another tensor.

use super::reshape;
use crate::invoke;
use crate::shared::view::samples::{fails, tensors};
use adjoint_autograd::{Api, Arg, Attrs, Body, OpDef, Outputs, Tensor, required};
use adjoint_tensor::{Code, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], _: &Attrs) -> Result<Outputs> {
    let attrs = Attrs::new().shape(required(inputs, 1).shape());
    Ok(smallvec![invoke::with(&reshape::DEF, &inputs[..1], attrs)?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "reshape_as",
    doc: "Returns `input` under the shape of `other`, as `reshape` does.\n\n\
          Source: PyTorch, `Tensor.reshape_as`.",
    args: &[Arg::tensor("input"), Arg::tensor("other")],
    surface: &[Api::Method],
    body: Body::Composite(body),
    samples: || vec![tensors("a matrix as a vector", &[&[2, 3], &[6]]), tensors("a 0-dim tensor", &[&[], &[1]])],
    errors: || vec![fails(tensors("sizes that differ", &[&[2], &[2, 3]]), Code::Shape, "invalid for input of size 2")],
    ..OpDef::COMPOSITE
}
.shipped();

/// `x` under the shape of `other`.
pub fn reshape_as(x: &Tensor, other: &Tensor) -> Result<Tensor> {
    reshape::reshape(x, other.shape())
}
