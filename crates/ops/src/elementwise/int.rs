//! A cast to int32.

use crate::shared::elementwise::casts::{CAST, cast};
use adjoint_autograd::{Body, OpDef};
use adjoint_tensor::DType;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "int",
    doc: "Returns `input` as int32, as `to` does. Source: PyTorch, `Tensor.int`.",
    body: Body::Composite(|inputs, attrs| cast(inputs, attrs, DType::Int32)),
    ..CAST
}
.shipped();
