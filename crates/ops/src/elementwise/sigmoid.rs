//! `1 / (1 + exp(−x))`.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use adjoint_autograd::op::HalfGradient;
use adjoint_autograd::{Alias, Api, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Sigmoid;

impl Unary<0> for Sigmoid {
    const LOOPS: Loops = Loops::Both;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.sigmoid()
    }
    fn vjp<A: Algebra>(g: A, _x: A, y: A, []: [A; 0]) -> A {
        g * y * (A::c(1.0) - y)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "sigmoid",
    also: &[Alias::special("expit")],
    doc: "Returns `1 / (1 + exp(−input))`, element by element.\n\n\
          Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.sigmoid`.",
    node: "SigmoidBackward0",
    surface: &[Api::Function, Api::Method, Api::Functional],
    saves: Saves::OUTPUT,
    half_gradient: HalfGradient::Once,
    ..unary::<Sigmoid, 0>()
}
.shipped();

/// `1 / (1 + exp(−x))`.
pub fn sigmoid(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
