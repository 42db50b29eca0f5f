//! A cast to bool.

use crate::shared::elementwise::casts::{CAST, cast};
use adjoint_autograd::{Body, OpDef};
use adjoint_tensor::DType;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "bool",
    doc: "Returns `input` as bool, as `to` does. Source: PyTorch, `Tensor.bool`.",
    body: Body::Composite(|inputs, attrs| cast(inputs, attrs, DType::Bool)),
    ..CAST
}
.shipped();
