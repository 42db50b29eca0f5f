//! The hyperbolic cosine of `x`.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use adjoint_autograd::{OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Cosh;

impl Unary<0> for Cosh {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.cosh()
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "cosh",
    doc: "Returns the hyperbolic cosine of `input`, element by element.\n\n\
          Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.cosh`.",
    node: "CoshBackward0",
    saves: Saves::INPUT,
    ..unary::<Cosh, 0>()
}
.shipped();

/// The hyperbolic cosine of `x`.
pub fn cosh(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
