//! The cosine of `x`, an angle in radians.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use adjoint_autograd::{OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Cos;

impl Unary<0> for Cos {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.cos()
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "cos",
    doc: "Returns the cosine of `input`, an angle in radians, element by element.\n\n\
          Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.cos`.",
    node: "CosBackward0",
    saves: Saves::INPUT,
    ..unary::<Cos, 0>()
}
.shipped();

/// The cosine of `x`, an angle in radians.
pub fn cos(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
