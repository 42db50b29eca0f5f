//! `1 − erf(x)`, accurate where that is small.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use adjoint_autograd::{Api, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Erfc;

impl Unary<0> for Erfc {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.erfc()
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "erfc",
    surface: &[Api::Function, Api::Method, Api::Special],
    doc: "Returns `1 − erf(input)`, accurate where that is small, element by element.\n\n\
          Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.erfc`.",
    node: "ErfcBackward0",
    saves: Saves::INPUT,
    ..unary::<Erfc, 0>()
}
.shipped();

/// `1 − erf(x)`, accurate where that is small.
pub fn erfc(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
