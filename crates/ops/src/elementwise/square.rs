//! `x²`.

use crate::formula::{Algebra, Loops, Ring, RingUnary, ring_unary};
use crate::invoke;
use adjoint_autograd::op::Promotion;
use adjoint_autograd::{OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Square;

impl RingUnary<0> for Square {
    const LOOPS: Loops = Loops::Both;
    fn f<R: Ring>(x: R, []: [R; 0]) -> R {
        x * x
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, []: [A; 0]) -> A {
        g * (x + x)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "square",
    doc: "Returns `input²`, element by element.\n\n\
          Every dtype; of bools in int64. Any shape; returns a new tensor. Source: PyTorch, `torch.square`.",
    node: "PowBackward0",
    saves: Saves::INPUT,
    promotion: Promotion::Integral,
    ..ring_unary::<Square, 0>()
}
.shipped();

/// `x²`.
pub fn square(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
