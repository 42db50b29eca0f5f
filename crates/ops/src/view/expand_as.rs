//! `expand` to the shape of another tensor.

use super::expand;
use crate::invoke;
use crate::shared::view::samples::{fails, tensors};
use adjoint_autograd::{Api, Arg, Attrs, Body, OpDef, Outputs, Tensor, required};
use adjoint_tensor::{Code, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], _: &Attrs) -> Result<Outputs> {
    let attrs = Attrs::new().shape(required(inputs, 1).shape());
    Ok(smallvec![invoke::with(&expand::DEF, &inputs[..1], attrs)?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "expand_as",
    doc: "Returns a view of `input` stretched to the shape of `other`, as `expand` does. Source: PyTorch, `Tensor.expand_as`.",
    args: &[Arg::tensor("input"), Arg::tensor("other")],
    surface: &[Api::Method],
    body: Body::Composite(body),
    samples: || vec![tensors("a row", &[&[3], &[2, 3]]), tensors("a column", &[&[2, 1], &[2, 4]])],
    errors: || vec![fails(tensors("sizes that differ", &[&[2], &[2, 3]]), Code::Shape, "neither 1 nor 3")],
    ..OpDef::COMPOSITE
}
.shipped();

/// `x` broadcast to the shape of `other`, as a view.
pub fn expand_as(x: &Tensor, other: &Tensor) -> Result<Tensor> {
    expand::expand(x, other.shape())
}
