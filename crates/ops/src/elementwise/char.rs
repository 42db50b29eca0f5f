//! A cast to int8.

use crate::shared::elementwise::casts::{CAST, cast};
use adjoint_autograd::{Body, OpDef};
use adjoint_tensor::DType;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "char",
    doc: "Returns `input` as int8, as `to` does. Source: PyTorch, `Tensor.char`.",
    body: Body::Composite(|inputs, attrs| cast(inputs, attrs, DType::Int8)),
    ..CAST
}
.shipped();
