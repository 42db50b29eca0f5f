//! The hyperbolic sine of `x`.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use adjoint_autograd::{OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Sinh;

impl Unary<0> for Sinh {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.sinh()
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "sinh",
    doc: "Returns the hyperbolic sine of `input`, element by element.\n\n\
          Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.sinh`.",
    node: "SinhBackward0",
    saves: Saves::INPUT,
    ..unary::<Sinh, 0>()
}
.shipped();

/// The hyperbolic sine of `x`.
pub fn sinh(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
