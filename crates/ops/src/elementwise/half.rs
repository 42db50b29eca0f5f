//! A cast to float16.

use crate::shared::elementwise::casts::{CAST, cast};
use adjoint_autograd::{Body, OpDef};
use adjoint_tensor::DType;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "half",
    doc: "Returns `input` as float16, as `to` does. Source: PyTorch, `Tensor.half`.",
    body: Body::Composite(|inputs, attrs| cast(inputs, attrs, DType::Float16)),
    ..CAST
}
.shipped();
