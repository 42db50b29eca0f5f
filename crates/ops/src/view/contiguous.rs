//! Row-major memory.

use super::clone;
use crate::shared::samples;
use adjoint_autograd::{Api, Arg, Body, Default, Kind, OpDef, Tensor, required};
use adjoint_tensor::Result;
use smallvec::smallvec;

const MEMORY_FORMAT: Arg = Arg::optional("memory_format", Kind::Choice(&["contiguous_format"]), Default::None);

/// The op.
pub static DEF: OpDef = OpDef {
    name: "contiguous",
    doc: "Returns `input` itself where its elements lie row-major without gaps, else a copy that does. \
          Source: PyTorch, `Tensor.contiguous`.",
    args: &[Arg::tensor("input"), MEMORY_FORMAT],
    surface: &[Api::Method],
    body: Body::Composite(|inputs, _| Ok(smallvec![contiguous(required(inputs, 0))?])),
    samples: samples::unary,
    ..OpDef::COMPOSITE
}
.shipped();

/// `x`, or a contiguous copy.
pub fn contiguous(x: &Tensor) -> Result<Tensor> {
    if x.array().layout().is_contiguous() { Ok(x.clone()) } else { clone::clone_contiguous(x) }
}
