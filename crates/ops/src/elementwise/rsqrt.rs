//! `1 / sqrt(x)`.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use crate::shared::samples;
use adjoint_autograd::{OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Rsqrt;

impl Unary<0> for Rsqrt {
    const LOOPS: Loops = Loops::Both;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.sqrt().recip()
    }
    fn vjp<A: Algebra>(g: A, _x: A, y: A, []: [A; 0]) -> A {
        A::c(-0.5) * g * y * y * y
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "rsqrt",
    doc: "Returns `1 / sqrt(input)`, element by element.\n\n\
          ∞ at 0, NaN below. Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.rsqrt`.",
    node: "RsqrtBackward0",
    saves: Saves::OUTPUT,
    samples: || samples::unary_in(0.2, 3.0, &[]),
    ..unary::<Rsqrt, 0>()
}
.shipped();

/// `1 / sqrt(x)`.
pub fn rsqrt(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
