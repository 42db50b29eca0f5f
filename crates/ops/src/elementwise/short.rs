//! A cast to int16.

use crate::shared::elementwise::casts::{CAST, cast};
use adjoint_autograd::{Body, OpDef};
use adjoint_tensor::DType;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "short",
    doc: "Returns `input` as int16, as `to` does. Source: PyTorch, `Tensor.short`.",
    body: Body::Composite(|inputs, attrs| cast(inputs, attrs, DType::Int16)),
    ..CAST
}
.shipped();
