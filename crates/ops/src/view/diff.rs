//! Differences of neighbours.

use super::cat::cat;
use super::clone::clone;
use super::narrow::narrow;
use crate::elementwise::{logical_xor::logical_xor, sub::sub};
use crate::shared::view::samples::{call, fails, int};
use adjoint_autograd::{Arg, Attrs, Body, Default, Kind, OpDef, Outputs, SampleTensor, Tensor, given, required};
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Code, DType, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    if x.rank() == 0 {
        return Err(Error::shape("expects input to be at least one-dimensional, got a 0-dim tensor"));
    }
    let (n, dim) = (attrs.opt_int(0).unwrap_or(1), wrap_dim(attrs.opt_int(1).unwrap_or(-1), x.rank())?);
    if n < 0 {
        return Err(Error::usage(format!("order must be non-negative but got {n}")));
    }
    if n == 0 {
        return Ok(smallvec![clone(x)?]);
    }
    let parts = [given(inputs, 1), Some(x), given(inputs, 2)];
    let parts: smallvec::SmallVec<[&Tensor; 3]> = parts.into_iter().flatten().collect();
    let mut x = if parts.len() == 1 { x.clone() } else { cat(&parts, dim)? };
    for _ in 0..n.min(x.shape()[dim] as i64) {
        let left = x.shape()[dim] - 1;
        let (before, after) = (narrow(&x, dim, 0, left)?, narrow(&x, dim, 1, left)?);
        x = if x.dtype() == DType::Bool { logical_xor(&after, &before)? } else { sub(&after, &before)? };
    }
    Ok(smallvec![x])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "diff",
    doc: "Returns the differences of neighbours of `input` along `dim`, `n` times over; `prepend` and `append` are joined to \
          it first.\n\n\
          The dim is shorter by `n`. Bools give where they differ. Source: PyTorch, `torch.diff`.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("n", Kind::Int, Default::Int(1)),
        Arg::optional("dim", Kind::Int, Default::Int(-1)),
        Arg::optional("prepend", Kind::Tensor, Default::None),
        Arg::optional("append", Kind::Tensor, Default::None),
    ],
    body: Body::Composite(body),
    samples: || {
        let mut joined = call("joined", &[2, 3], [int(2), int(0)]);
        joined.args.extend([&[1, 3], &[2, 3]].map(|shape| SampleTensor::new(shape).into()));
        vec![call("a vector", &[5], []), joined, call("more than there are", &[2], [int(3)])]
    },
    errors: || {
        vec![
            fails(call("a negative order", &[3], [int(-1)]), Code::Usage, "non-negative"),
            fails(call("a 0-dim tensor", &[], []), Code::Shape, "one-dimensional"),
        ]
    },
    ..OpDef::COMPOSITE
}
.shipped();
