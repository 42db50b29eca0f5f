//! The tangent of `x`, an angle in radians.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use crate::shared::samples;
use adjoint_autograd::{OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Tan;

impl Unary<0> for Tan {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.tan()
    }
    fn vjp<A: Algebra>(g: A, _x: A, y: A, []: [A; 0]) -> A {
        g * (A::c(1.0) + y * y)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "tan",
    doc: "Returns the tangent of `input`, an angle in radians, element by element.\n\n\
          Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.tan`.",
    node: "TanBackward0",
    saves: Saves::OUTPUT,
    samples: || samples::unary_in(-1.2, 1.2, &[]),
    ..unary::<Tan, 0>()
}
.shipped();

/// The tangent of `x`, an angle in radians.
pub fn tan(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
