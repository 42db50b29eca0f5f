//! `full` with the shape and dtype of another tensor.

use super::full;
use crate::invoke;
use crate::shared::create::factory::{self, DTYPE};
use crate::shared::view::memory_format;
use crate::shared::view::samples::{call, int};
use adjoint_autograd::{Arg, Attr, Attrs, Body, Facts, Kind, OpDef, Specs, Tensor};
use adjoint_tensor::{Result, Scalar};

fn rule(call: &Facts) -> Result<Specs> {
    let dtype = call.attrs.opt_dtype(1).unwrap_or(call.input(0).dtype());
    full::value(call.attrs, 0, dtype)?;
    Ok(memory_format::like(call, 2, dtype))
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "full_like",
    doc: "Returns a tensor with every element `fill_value`, with the shape of `input`, and its dtype where none is \
          given. The strides are those of `input` without gaps, row-major with `contiguous_format`. Source: PyTorch, `torch.full_like`.",
    args: &[Arg::tensor("input"), Arg::required("fill_value", Kind::Factor), DTYPE, memory_format::ARG],
    body: Body::Kernel { rule, run: |call, outs| full::fill(call, outs, 0) },
    samples: || vec![call("a matrix", &[2, 3], [int(7)]), call("a 0-dim tensor", &[], [Attr::Float(0.5)])],
    ..factory::like()
}
.shipped();

/// A tensor like `x` with every element `value`.
pub fn full_like(x: &Tensor, value: impl Into<Scalar>) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().scalar(value))
}
