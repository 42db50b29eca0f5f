//! The square root of `x`.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use crate::shared::samples;
use adjoint_autograd::{OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Sqrt;

impl Unary<0> for Sqrt {
    const LOOPS: Loops = Loops::Both;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.sqrt()
    }
    fn vjp<A: Algebra>(g: A, _x: A, y: A, []: [A; 0]) -> A {
        g / (A::c(2.0) * y)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "sqrt",
    doc: "Returns the square root of `input`, element by element.\n\n\
          NaN below 0. The gradient at 0 is ∞. Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.sqrt`.",
    node: "SqrtBackward0",
    saves: Saves::OUTPUT,
    samples: || samples::unary_in(0.1, 3.0, &[]),
    ..unary::<Sqrt, 0>()
}
.shipped();

/// The square root of `x`.
pub fn sqrt(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
