//! The inverse hyperbolic sine of `x`.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use adjoint_autograd::{Alias, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Asinh;

impl Unary<0> for Asinh {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.asinh()
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "asinh",
    also: &[Alias::both("arcsinh")],
    doc: "Returns the inverse hyperbolic sine of `input`, element by element.\n\n\
          Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.asinh`.",
    node: "AsinhBackward0",
    saves: Saves::INPUT,
    ..unary::<Asinh, 0>()
}
.shipped();

/// The inverse hyperbolic sine of `x`.
pub fn asinh(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
