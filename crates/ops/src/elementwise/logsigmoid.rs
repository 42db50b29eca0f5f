//! The logarithm of the sigmoid.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use crate::shared::checks::floats;
use adjoint_autograd::op::{Check, HalfGradient};
use adjoint_autograd::{Api, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Logsigmoid;

impl Unary<0> for Logsigmoid {
    const LOOPS: Loops = Loops::Both;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.min(A::c(0.0)) - (-x.abs()).exp().log1p()
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, []: [A; 0]) -> A {
        g * (-x).sigmoid()
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "logsigmoid",
    doc: "Returns `log(sigmoid(input))`, accurate where that is small.\n\n\
          The gradient is `g · sigmoid(−input)`. Floats only. Any shape; returns a new tensor. Source: PyTorch, `torch.nn.functional.logsigmoid`.",
    node: "LogSigmoidBackward0",
    surface: &[Api::Functional],
    in_place: false,
    saves: Saves::INPUT,
    check: Check::Attributes(|inputs, _, _| floats(inputs)),
    half_gradient: HalfGradient::Once,
    ..unary::<Logsigmoid, 0>()
}
.shipped();

/// The logarithm of the sigmoid.
pub fn logsigmoid(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
