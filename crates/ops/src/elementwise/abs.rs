//! `|x|`.

use crate::formula::{Algebra, Loops, Ring, RingUnary, ring_unary};
use crate::invoke;
use adjoint_autograd::{OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Abs;

impl RingUnary<0> for Abs {
    const LOOPS: Loops = Loops::Both;
    fn f<R: Ring>(x: R, []: [R; 0]) -> R {
        x.abs()
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, []: [A; 0]) -> A {
        A::select(x.eq(A::c(0.0)), A::c(0.0), A::select(x.lt(A::c(0.0)), -g, g))
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "abs",
    doc: "Returns `|input|`, element by element.\n\n\
          The gradient at 0 is 0. Every dtype. Any shape; returns a new tensor. Source: PyTorch, `torch.abs`.",
    node: "AbsBackward0",
    saves: Saves::INPUT,
    ..ring_unary::<Abs, 0>()
}
.shipped();

/// `|x|`.
pub fn abs(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
