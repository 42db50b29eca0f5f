//! The sine of `x`, an angle in radians.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use adjoint_autograd::{OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Sin;

impl Unary<0> for Sin {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.sin()
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "sin",
    doc: "Returns the sine of `input`, an angle in radians, element by element.\n\n\
          Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.sin`.",
    node: "SinBackward0",
    saves: Saves::INPUT,
    ..unary::<Sin, 0>()
}
.shipped();

/// The sine of `x`, an angle in radians.
pub fn sin(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
