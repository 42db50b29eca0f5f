//! The largest integer not above `x`.

use crate::formula::{Loops, Ring, RingUnary, ring_unary};
use crate::invoke;
use crate::shared::checks::not_bools;
use adjoint_autograd::op::Check;
use adjoint_autograd::{OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Floor;

impl RingUnary<0> for Floor {
    const LOOPS: Loops = Loops::Neither;
    fn f<R: Ring>(x: R, []: [R; 0]) -> R {
        x.floor()
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "floor",
    doc: "Returns the largest integer not above `input`, element by element.\n\n\
          The gradient is 0. Integers stay as they are; bool is an error. Any shape; returns a new tensor. Source: PyTorch, `torch.floor`.",
    node: "FloorBackward0",
    saves: Saves::NOTHING,
    check: Check::Attributes(|inputs, _, _| not_bools(inputs)),
    ..ring_unary::<Floor, 0>()
}
.shipped();

/// The largest integer not above `x`.
pub fn floor(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
