//! A cast to float64.

use crate::shared::elementwise::casts::{CAST, cast};
use adjoint_autograd::{Body, OpDef};
use adjoint_tensor::DType;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "double",
    doc: "Returns `input` as float64, as `to` does. Source: PyTorch, `Tensor.double`.",
    body: Body::Composite(|inputs, attrs| cast(inputs, attrs, DType::Float64)),
    ..CAST
}
.shipped();
