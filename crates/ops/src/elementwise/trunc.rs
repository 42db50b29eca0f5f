//! `x` rounded towards 0.

use crate::formula::{Algebra, Loops, Unary, nothing, unary};
use crate::invoke;
use adjoint_autograd::{OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Trunc;

impl Unary<0> for Trunc {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.trunc()
    }
    fn vjp<A: Algebra>(g: A, _x: A, _y: A, []: [A; 0]) -> A {
        nothing(g)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "trunc",
    doc: "Returns `input` rounded towards 0, element by element.\n\n\
          The gradient is 0. Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.trunc`.",
    node: "TruncBackward0",
    saves: Saves::NOTHING,
    ..unary::<Trunc, 0>()
}
.shipped();

/// `x` rounded towards 0.
pub fn trunc(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
