//! `other @ input`.

use crate::contract::matmul::matmul;
use crate::shared::elementwise::reversed::{REVERSED, exchanged};
use crate::shared::view::samples::tensors;
use adjoint_autograd::{Body, OpDef};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "rmatmul",
    doc: "Returns `other @ input`. Source: PyTorch, `Tensor.__rmatmul__`.",
    body: Body::Composite(|inputs, _| exchanged(inputs, matmul)),
    samples: || vec![tensors("matrices", &[&[3, 4], &[2, 3]])],
    ..REVERSED
}
.shipped();
