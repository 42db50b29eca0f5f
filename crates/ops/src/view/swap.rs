//! Other names of `transpose`.

use super::transpose;
use crate::invoke;
use adjoint_autograd::{Arg, Attrs, Body, ErrorSample, Kind, OpDef, Outputs, Sample, Tensor};
use adjoint_tensor::Result;
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    Ok(smallvec![invoke::with(&transpose::DEF, inputs, attrs.clone())?])
}

fn samples() -> Vec<Sample> {
    (transpose::DEF.samples)()
}

fn errors() -> Vec<ErrorSample> {
    (transpose::DEF.errors)()
}

static SWAPAXES: OpDef = OpDef {
    name: "swapaxes",
    doc: "Another name of `transpose`. Source: PyTorch, `torch.swapaxes`.",
    args: &[Arg::tensor("input"), Arg::required("axis0", Kind::Int), Arg::required("axis1", Kind::Int)],
    body: Body::Composite(body),
    samples,
    errors,
    ..OpDef::COMPOSITE
}
.shipped();

static SWAPDIMS: OpDef = OpDef {
    name: "swapdims",
    doc: "Another name of `transpose`. Source: PyTorch, `torch.swapdims`.",
    args: &[Arg::tensor("input"), Arg::required("dim0", Kind::Int), Arg::required("dim1", Kind::Int)],
    ..SWAPAXES
}
.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&SWAPAXES, &SWAPDIMS];
