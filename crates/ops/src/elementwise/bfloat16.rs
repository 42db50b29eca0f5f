//! A cast to bfloat16.

use crate::shared::elementwise::casts::{CAST, cast};
use adjoint_autograd::{Body, OpDef};
use adjoint_tensor::DType;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "bfloat16",
    doc: "Returns `input` as bfloat16, as `to` does. Source: PyTorch, `Tensor.bfloat16`.",
    body: Body::Composite(|inputs, attrs| cast(inputs, attrs, DType::BFloat16)),
    ..CAST
}
.shipped();
