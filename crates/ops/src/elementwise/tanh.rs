//! The hyperbolic tangent of `x`.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use adjoint_autograd::op::HalfGradient;
use adjoint_autograd::{Api, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Tanh;

impl Unary<0> for Tanh {
    const LOOPS: Loops = Loops::Both;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.tanh()
    }
    fn vjp<A: Algebra>(g: A, _x: A, y: A, []: [A; 0]) -> A {
        g * (A::c(1.0) - y) * (A::c(1.0) + y)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "tanh",
    doc: "Returns the hyperbolic tangent of `input`, element by element.\n\n\
          The factored derivative keeps its accuracy near saturation, where `1 − y²` cancels. Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.tanh`.",
    node: "TanhBackward0",
    surface: &[Api::Function, Api::Method, Api::Functional],
    saves: Saves::OUTPUT,
    half_gradient: HalfGradient::Once,
    ..unary::<Tanh, 0>()
}
.shipped();

/// The hyperbolic tangent of `x`.
pub fn tanh(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
