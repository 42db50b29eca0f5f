//! The inverse hyperbolic cosine of `x`.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use crate::shared::samples;
use adjoint_autograd::{Alias, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Acosh;

impl Unary<0> for Acosh {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.acosh()
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "acosh",
    also: &[Alias::both("arccosh")],
    doc: "Returns the inverse hyperbolic cosine of `input`, element by element.\n\n\
          NaN below 1. Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.acosh`.",
    node: "AcoshBackward0",
    saves: Saves::INPUT,
    samples: || samples::unary_in(1.1, 3.0, &[]),
    ..unary::<Acosh, 0>()
}
.shipped();

/// The inverse hyperbolic cosine of `x`.
pub fn acosh(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
