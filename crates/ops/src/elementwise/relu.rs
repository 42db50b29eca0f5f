//! `max(x, 0)`.

use crate::formula::{Algebra, Loops, Ring, RingUnary, ring_unary};
use crate::invoke;
use crate::shared::checks::not_bools;
use adjoint_autograd::op::Check;
use adjoint_autograd::{Api, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Relu;

impl RingUnary<0> for Relu {
    const LOOPS: Loops = Loops::Both;
    fn f<R: Ring>(x: R, []: [R; 0]) -> R {
        x.at_least(R::c(0.0))
    }
    fn vjp<A: Algebra>(g: A, _x: A, y: A, []: [A; 0]) -> A {
        // 0 at 0, as in PyTorch, where the selection has that of the input.
        A::select(y.le(A::c(0.0)), A::c(0.0), g)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "relu",
    doc: "Returns `max(input, 0)`, element by element.\n\n\
          The gradient at 0 is 0. NaN stays NaN and passes the gradient on. Every dtype but bool. Any shape; returns a new tensor. Source: PyTorch, `torch.relu`.",
    node: "ReluBackward0",
    surface: &[Api::Function, Api::Method, Api::Functional],
    check: Check::Attributes(|inputs, _, _| not_bools(inputs)),
    saves: Saves::OUTPUT,
    flat: [1, 0],
    ..ring_unary::<Relu, 0>()
}
.shipped();

/// `max(x, 0)`.
pub fn relu(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
