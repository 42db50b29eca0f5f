//! The logarithm of `x` to base 10.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use crate::shared::samples;
use adjoint_autograd::{OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Log10;

impl Unary<0> for Log10 {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.log10()
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "log10",
    doc: "Returns the logarithm of `input` to base 10, element by element.\n\n\
          −∞ at 0, NaN below. Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.log10`.",
    node: "Log10Backward0",
    saves: Saves::INPUT,
    samples: || samples::unary_in(0.1, 3.0, &[]),
    ..unary::<Log10, 0>()
}
.shipped();

/// The logarithm of `x` to base 10.
pub fn log10(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
