//! `empty` with the shape and dtype of another tensor.

use crate::invoke;
use crate::shared::create::factory;
use crate::shared::samples;
use adjoint_autograd::{Body, OpDef, Tensor};
use adjoint_tensor::Result;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "empty_like",
    doc: "Returns a tensor of elements whose values should not be relied on with the shape of `input`, and its dtype where none is given. \
          The strides are those of `input` without gaps, row-major with `contiguous_format`. Source: PyTorch, `torch.empty_like`.",
    body: Body::Kernel { rule: factory::shaped_like, run: factory::zeros },
    samples: samples::unary,
    ..factory::like()
}
.shipped();

/// As the op, with the shape and dtype of `x`.
pub fn empty_like(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
