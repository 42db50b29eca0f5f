//! The angle in [−π/2, π/2] whose sine is `x`.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use crate::shared::samples;
use adjoint_autograd::{Alias, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Asin;

impl Unary<0> for Asin {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.asin()
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "asin",
    also: &[Alias::both("arcsin")],
    doc: "Returns the angle in [−π/2, π/2] whose sine is `input`, element by element.\n\n\
          NaN outside [−1, 1]. Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.asin`.",
    node: "AsinBackward0",
    saves: Saves::INPUT,
    samples: || samples::unary_in(-0.9, 0.9, &[]),
    ..unary::<Asin, 0>()
}
.shipped();

/// The angle in [−π/2, π/2] whose sine is `x`.
pub fn asin(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
