//! `exp(x) − 1`, accurate near 0.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use adjoint_autograd::{Api, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Expm1;

impl Unary<0> for Expm1 {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.expm1()
    }
    fn vjp<A: Algebra>(g: A, _x: A, y: A, []: [A; 0]) -> A {
        g * (y + A::c(1.0))
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "expm1",
    surface: &[Api::Function, Api::Method, Api::Special],
    doc: "Returns `exp(input) − 1`, accurate near 0, element by element.\n\n\
          Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.expm1`.",
    node: "Expm1Backward0",
    saves: Saves::OUTPUT,
    ..unary::<Expm1, 0>()
}
.shipped();

/// `exp(x) − 1`, accurate near 0.
pub fn expm1(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
