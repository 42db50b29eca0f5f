//! `full` with the dtype of another tensor.

use super::full;
use crate::invoke;
use crate::shared::create::factory::{self, DTYPE};
use crate::shared::view::samples::{call, int, ints};
use adjoint_autograd::{Arg, Attrs, Body, Facts, Kind, OpDef, Spec, Specs, Tensor};
use adjoint_tensor::{Result, Scalar};

fn rule(call: &Facts) -> Result<Specs> {
    let dtype = call.attrs.opt_dtype(2).unwrap_or(call.input(0).dtype());
    full::value(call.attrs, 1, dtype)?;
    Ok(Spec::one(call.attrs.get_shape(0)?, dtype))
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "new_full",
    doc: "Returns a tensor of shape `size` with every element `fill_value`, of the dtype of `input` where none is given. \
          Source: PyTorch, `Tensor.new_full`.",
    args: &[Arg::tensor("input"), Arg::required("size", Kind::Ints), Arg::required("fill_value", Kind::Factor), DTYPE],
    body: Body::Kernel { rule, run: |call, outs| full::fill(call, outs, 1) },
    samples: || vec![call("a matrix", &[3], [ints(&[2, 3]), int(7)])],
    ..factory::new()
}
.shipped();

/// A tensor of shape `shape` with every element `value`, of the dtype of `x`.
pub fn new_full(x: &Tensor, shape: &[usize], value: impl Into<Scalar>) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().shape(shape).scalar(value))
}
