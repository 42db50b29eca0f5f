//! `expand` as a free function.

use super::expand;
use crate::invoke;
use adjoint_autograd::{Arg, Attrs, Body, Kind, OpDef, Tensor};
use adjoint_tensor::Result;
use smallvec::smallvec;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "broadcast_to",
    doc: "Returns a view of `input` stretched to the shape `size`, as `expand` does. Source: PyTorch, `torch.broadcast_to`.",
    args: &[Arg::tensor("input"), Arg::required("size", Kind::IntsSpread)],
    body: Body::Composite(|inputs, attrs| Ok(smallvec![invoke::with(&expand::DEF, &inputs[..1], attrs.clone())?])),
    samples: expand::samples,
    errors: expand::errors,
    ..OpDef::COMPOSITE
}
.shipped();

/// `x` broadcast to `shape`, as a view.
pub fn broadcast_to(x: &Tensor, shape: &[usize]) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().shape(shape))
}
