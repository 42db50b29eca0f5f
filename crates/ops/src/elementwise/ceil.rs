//! The smallest integer not below `x`.

use crate::formula::{Loops, Ring, RingUnary, ring_unary};
use crate::invoke;
use crate::shared::checks::not_bools;
use adjoint_autograd::op::Check;
use adjoint_autograd::{OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Ceil;

impl RingUnary<0> for Ceil {
    const LOOPS: Loops = Loops::Neither;
    fn f<R: Ring>(x: R, []: [R; 0]) -> R {
        x.ceil()
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "ceil",
    doc: "Returns the smallest integer not below `input`, element by element.\n\n\
          The gradient is 0. Integers stay as they are; bool is an error. Any shape; returns a new tensor. Source: PyTorch, `torch.ceil`.",
    node: "CeilBackward0",
    saves: Saves::NOTHING,
    check: Check::Attributes(|inputs, _, _| not_bools(inputs)),
    ..ring_unary::<Ceil, 0>()
}
.shipped();

/// The smallest integer not below `x`.
pub fn ceil(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
