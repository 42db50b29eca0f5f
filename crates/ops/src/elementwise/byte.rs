//! A cast to uint8.

use crate::shared::elementwise::casts::{CAST, cast};
use adjoint_autograd::{Body, OpDef};
use adjoint_tensor::DType;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "byte",
    doc: "Returns `input` as uint8, as `to` does. Source: PyTorch, `Tensor.byte`.",
    body: Body::Composite(|inputs, attrs| cast(inputs, attrs, DType::UInt8)),
    ..CAST
}
.shipped();
