//! `x` times a sigmoid of three straight lines.

use crate::formula::{Algebra, Unary, unary};
use crate::invoke;
use adjoint_autograd::{OpDef, Saves, Surface, Tensor};
use adjoint_tensor::Result;

struct Hardswish;

impl Unary<0> for Hardswish {
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x * (x + A::c(3.0)).max(A::c(0.0)).min(A::c(6.0)) / A::c(6.0)
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, []: [A; 0]) -> A {
        let three = A::c(3.0);
        let between = g * (x / three + A::c(0.5));
        A::select(x.le(-three), A::c(0.0), A::select(x.lt(three), between, g))
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "hardswish",
    doc: "Returns `input · hardsigmoid(input)`, element by element.\n\n\
          The gradient at −3 is 0 and at 3 it is 1. Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.nn.functional.hardswish`.",
    node: "HardswishBackward0",
    surface: &[Surface::Functional],
    saves: Saves::INPUT,
    ..unary::<Hardswish, 0>()
}
.shipped();

/// `x` times a sigmoid of three straight lines.
pub fn hardswish(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
