//! 2 to the power `x`.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use adjoint_autograd::{Api, OpDef, Saves, Tensor};
use adjoint_tensor::Result;
use std::f64::consts::LN_2;

struct Exp2;

impl Unary<0> for Exp2 {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.exp2()
    }
    fn vjp<A: Algebra>(g: A, _x: A, y: A, []: [A; 0]) -> A {
        g * y * A::c(LN_2)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "exp2",
    surface: &[Api::Function, Api::Method, Api::Special],
    doc: "Returns 2 to the power `input`, element by element.\n\n\
          Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.exp2`.",
    node: "Exp2Backward0",
    saves: Saves::OUTPUT,
    ..unary::<Exp2, 0>()
}
.shipped();

/// 2 to the power `x`.
pub fn exp2(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
