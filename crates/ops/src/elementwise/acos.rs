//! The angle in [0, π] whose cosine is `x`.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use crate::shared::samples;
use adjoint_autograd::{Alias, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Acos;

impl Unary<0> for Acos {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.acos()
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "acos",
    also: &[Alias::both("arccos")],
    doc: "Returns the angle in [0, π] whose cosine is `input`, element by element.\n\n\
          NaN outside [−1, 1]. Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.acos`.",
    node: "AcosBackward0",
    saves: Saves::INPUT,
    samples: || samples::unary_in(-0.9, 0.9, &[]),
    ..unary::<Acos, 0>()
}
.shipped();

/// The angle in [0, π] whose cosine is `x`.
pub fn acos(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
