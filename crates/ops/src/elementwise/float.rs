//! A cast to float32.

use crate::shared::elementwise::casts::{CAST, cast};
use adjoint_autograd::{Body, OpDef};
use adjoint_tensor::DType;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "float",
    doc: "Returns `input` as float32, as `to` does. Source: PyTorch, `Tensor.float`.",
    body: Body::Composite(|inputs, attrs| cast(inputs, attrs, DType::Float32)),
    ..CAST
}
.shipped();
