//! The angle in (−π/2, π/2) whose tangent is `x`.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use adjoint_autograd::{Alias, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Atan;

impl Unary<0> for Atan {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.atan()
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "atan",
    also: &[Alias::both("arctan")],
    doc: "Returns the angle in (−π/2, π/2) whose tangent is `input`, element by element.\n\n\
          Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.atan`.",
    node: "AtanBackward0",
    saves: Saves::INPUT,
    ..unary::<Atan, 0>()
}
.shipped();

/// The angle in (−π/2, π/2) whose tangent is `x`.
pub fn atan(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
