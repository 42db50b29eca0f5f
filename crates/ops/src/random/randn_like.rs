//! `randn` with the shape and dtype of another tensor.

use crate::invoke;
use crate::shared::create::factory::DTYPE;
use crate::shared::random::draw;
use crate::shared::samples;
use crate::shared::view::memory_format;
use adjoint_autograd::{Arg, Body, OpDef, Tensor};
use adjoint_tensor::Result;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "randn_like",
    doc: "Returns a tensor of standard normal numbers with the shape of `input`, and its dtype where none is given. \
          Source: PyTorch, `torch.randn_like`.",
    args: &[Arg::tensor("input"), DTYPE, memory_format::ARG, draw::GENERATOR],
    body: Body::Kernel { rule: draw::shaped_like, run: |call, outs| draw::normal(call, &mut outs[0], 0.0, 1.0) },
    samples: samples::unary,
    ..draw::drawn()
}
.shipped();

/// A tensor of standard normal numbers like `x`.
pub fn randn_like(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
