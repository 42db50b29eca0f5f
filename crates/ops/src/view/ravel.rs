//! All elements as a vector.

use super::flatten;
use crate::shared::samples;
use adjoint_autograd::{Arg, Body, OpDef, Tensor, required};
use adjoint_tensor::Result;
use smallvec::smallvec;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "ravel",
    doc: "Returns the elements of `input` as a vector: a view where strides allow it, else a copy. Source: PyTorch, `torch.ravel`.",
    args: &[Arg::tensor("input")],
    body: Body::Composite(|inputs, _| Ok(smallvec![ravel(required(inputs, 0))?])),
    samples: samples::unary,
    ..OpDef::COMPOSITE
}
.shipped();

/// The elements of `x` as a vector.
pub fn ravel(x: &Tensor) -> Result<Tensor> {
    flatten::flatten(x, 0, x.rank().saturating_sub(1))
}
