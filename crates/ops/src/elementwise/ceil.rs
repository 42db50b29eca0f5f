//! The smallest integer not below `x`.

use crate::formula::{Algebra, Loops, Unary, nothing, unary};
use crate::invoke;
use adjoint_autograd::{OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Ceil;

impl Unary<0> for Ceil {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.ceil()
    }
    fn vjp<A: Algebra>(g: A, _x: A, _y: A, []: [A; 0]) -> A {
        nothing(g)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "ceil",
    doc: "Returns the smallest integer not below `input`, element by element.\n\n\
          The gradient is 0. Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.ceil`.",
    node: "CeilBackward0",
    saves: Saves::NOTHING,
    ..unary::<Ceil, 0>()
}
.shipped();

/// The smallest integer not below `x`.
pub fn ceil(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
