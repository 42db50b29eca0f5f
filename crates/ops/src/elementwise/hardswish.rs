//! `x` times a sigmoid of three straight lines.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use crate::shared::checks::floats;
use adjoint_autograd::op::{Check, HalfGradient};
use adjoint_autograd::{Api, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Hardswish;

impl Unary<0> for Hardswish {
    const LOOPS: Loops = Loops::Both;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x * (x + A::c(3.0)).max(A::c(0.0)).min(A::c(6.0)) / A::c(6.0)
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, []: [A; 0]) -> A {
        let (zero, three) = (A::c(0.0), A::c(3.0));
        let inside = x.gt(-three) & x.lt(three);
        // Infinite elements are taken out before the slope between is worked out, of which they
        // would make NaN.
        let slope = A::select(inside, x, zero) / three + A::c(0.5);
        A::select(inside, g * slope, A::select(x.le(-three), zero, g))
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "hardswish",
    doc: "Returns `input · hardsigmoid(input)`, element by element.\n\n\
          The gradient at −3 is 0 and at 3 it is 1. Floats only. Any shape; returns a new tensor. Source: PyTorch, `torch.nn.functional.hardswish`.",
    node: "HardswishBackward0",
    surface: &[Api::Functional],
    saves: Saves::INPUT,
    check: Check::Attributes(|inputs, _, _| floats(inputs)),
    half_gradient: HalfGradient::Once,
    ..unary::<Hardswish, 0>()
}
.shipped();

/// `x` times a sigmoid of three straight lines.
pub fn hardswish(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
