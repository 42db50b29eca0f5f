//! A sigmoid of three straight lines.

use crate::formula::{Algebra, Unary, unary};
use crate::invoke;
use crate::shared::checks::floats;
use adjoint_autograd::op::{Check, HalfGradient};
use adjoint_autograd::{Api, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Hardsigmoid;

impl Unary<0> for Hardsigmoid {
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        (x + A::c(3.0)).max(A::c(0.0)).min(A::c(6.0)) / A::c(6.0)
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, []: [A; 0]) -> A {
        // 0 at ±3, as in PyTorch, where the maximum and the minimum share the gradient.
        A::select(x.gt(A::c(-3.0)) & x.lt(A::c(3.0)), g / A::c(6.0), A::c(0.0))
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "hardsigmoid",
    doc: "Returns `(input + 3) / 6`, at least 0 and at most 1, element by element.\n\n\
          The gradient at −3 and 3 is 0. Floats only. Any shape; returns a new tensor. Source: PyTorch, `torch.nn.functional.hardsigmoid`.",
    node: "HardsigmoidBackward0",
    surface: &[Api::Functional],
    saves: Saves::INPUT,
    check: Check::Attributes(|inputs, _, _| floats(inputs)),
    half_gradient: HalfGradient::Once,
    ..unary::<Hardsigmoid, 0>()
}
.shipped();

/// A sigmoid of three straight lines.
pub fn hardsigmoid(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
