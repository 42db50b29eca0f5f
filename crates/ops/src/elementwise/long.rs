//! A cast to int64.

use crate::shared::elementwise::casts::{CAST, cast};
use adjoint_autograd::{Body, OpDef};
use adjoint_tensor::DType;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "long",
    doc: "Returns `input` as int64, as `to` does. Source: PyTorch, `Tensor.long`.",
    body: Body::Composite(|inputs, attrs| cast(inputs, attrs, DType::Int64)),
    ..CAST
}
.shipped();
