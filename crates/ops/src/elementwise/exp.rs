//! E to the power `x`.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use adjoint_autograd::{OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Exp;

impl Unary<0> for Exp {
    const LOOPS: Loops = Loops::Both;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.exp()
    }
    fn vjp<A: Algebra>(g: A, _x: A, y: A, []: [A; 0]) -> A {
        g * y
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "exp",
    doc: "Returns e to the power `input`, element by element.\n\n\
          Overflows to ∞ above 88.7 in float32 and 709.8 in float64. Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.exp`.",
    node: "ExpBackward0",
    saves: Saves::OUTPUT,
    ..unary::<Exp, 0>()
}
.shipped();

/// E to the power `x`.
pub fn exp(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
