//! The largest integer not above `x`.

use crate::formula::{Algebra, Loops, Unary, nothing, unary};
use crate::invoke;
use adjoint_autograd::{OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Floor;

impl Unary<0> for Floor {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.floor()
    }
    fn vjp<A: Algebra>(g: A, _x: A, _y: A, []: [A; 0]) -> A {
        nothing(g)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "floor",
    doc: "Returns the largest integer not above `input`, element by element.\n\n\
          The gradient is 0. Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.floor`.",
    node: "FloorBackward0",
    saves: Saves::NOTHING,
    ..unary::<Floor, 0>()
}
.shipped();

/// The largest integer not above `x`.
pub fn floor(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
