//! What is below a diagonal.

use crate::invoke;
use crate::shared::view::triangle::{TRIANGLE, rule, run};
use adjoint_autograd::{Attrs, Batching, Body, OpDef, Tensor, Vjp};
use adjoint_tensor::Result;
use smallvec::smallvec;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "tril",
    doc: "Returns a copy of the matrices `input` with zeros except on and below the diagonal.\n\n\
          `diagonal` counts diagonals above the main one, or below it where negative. Source: PyTorch, `torch.tril`.",
    node: "TrilBackward0",
    body: Body::Kernel { rule, run: |call, outs| run(call, outs, true) },
    batching: &Batching::leading(&[]),
    vjp: Vjp::Fn(|b| Ok(smallvec![Some(invoke::with(&DEF, &[Some(b.g())], b.attrs().clone())?)])),
    ..TRIANGLE
}
.shipped();

/// `x` with zeros except on and below the diagonal.
pub fn tril(x: &Tensor, diagonal: i64) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().int(diagonal))
}
