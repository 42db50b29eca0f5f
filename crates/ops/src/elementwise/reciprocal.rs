//! `1 / x`.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use crate::shared::samples;
use adjoint_autograd::{OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Reciprocal;

impl Unary<0> for Reciprocal {
    const LOOPS: Loops = Loops::Both;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.recip()
    }
    fn vjp<A: Algebra>(g: A, _x: A, y: A, []: [A; 0]) -> A {
        -(g * y * y)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "reciprocal",
    doc: "Returns `1 / input`, element by element.\n\n\
          ±∞ at ±0. Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.reciprocal`.",
    node: "ReciprocalBackward0",
    saves: Saves::OUTPUT,
    samples: || samples::unary_in(0.2, 3.0, &[]),
    ..unary::<Reciprocal, 0>()
}
.shipped();

/// `1 / x`.
pub fn reciprocal(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
