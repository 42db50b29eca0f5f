//! `log(1 + x)`, accurate near 0.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use crate::shared::samples;
use adjoint_autograd::{Api, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Log1p;

impl Unary<0> for Log1p {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.log1p()
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "log1p",
    surface: &[Api::Function, Api::Method, Api::Special],
    doc: "Returns `log(1 + input)`, accurate near 0, element by element.\n\n\
          −∞ at −1, NaN below. Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.log1p`.",
    node: "Log1PBackward0",
    saves: Saves::INPUT,
    samples: || samples::unary_in(-0.8, 3.0, &[]),
    ..unary::<Log1p, 0>()
}
.shipped();

/// `log(1 + x)`, accurate near 0.
pub fn log1p(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
