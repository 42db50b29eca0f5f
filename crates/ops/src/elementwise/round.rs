//! The integer nearest to `x`, halves to even.

use crate::formula::{Algebra, Loops, Unary, nothing, unary};
use crate::invoke;
use adjoint_autograd::{OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Round;

impl Unary<0> for Round {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.round()
    }
    fn vjp<A: Algebra>(g: A, _x: A, _y: A, []: [A; 0]) -> A {
        nothing(g)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "round",
    doc: "Returns the integer nearest to `input`, halves to even, element by element.\n\n\
          The gradient is 0. Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.round`.",
    node: "RoundBackward0",
    saves: Saves::NOTHING,
    ..unary::<Round, 0>()
}
.shipped();

/// The integer nearest to `x`, halves to even.
pub fn round(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
