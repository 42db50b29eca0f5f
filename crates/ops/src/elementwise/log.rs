//! The natural logarithm of `x`.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use crate::shared::samples;
use adjoint_autograd::{OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Log;

impl Unary<0> for Log {
    const LOOPS: Loops = Loops::Both;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.log()
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, []: [A; 0]) -> A {
        // Written, since a compiled loop would take the logarithm for nothing.
        g / x
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "log",
    doc: "Returns the natural logarithm of `input`, element by element.\n\n\
          −∞ at 0, NaN below. Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.log`.",
    node: "LogBackward0",
    saves: Saves::INPUT,
    samples: || samples::unary_in(0.1, 3.0, &[]),
    ..unary::<Log, 0>()
}
.shipped();

/// The natural logarithm of `x`.
pub fn log(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
