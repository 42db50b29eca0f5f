//! `−x`.

use crate::formula::{Loops, Ring, RingUnary, ring_unary};
use crate::invoke;
use adjoint_autograd::op::Check;
use adjoint_autograd::{Alias, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Neg;

impl RingUnary<0> for Neg {
    const LOOPS: Loops = Loops::Both;
    fn f<R: Ring>(x: R, []: [R; 0]) -> R {
        -x
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "neg",
    also: &[Alias::both("negative")],
    doc: "Returns `−input`, element by element.\n\n\
          Refuses bool, as PyTorch does. Every dtype. Any shape; returns a new tensor. Source: PyTorch, `torch.neg`.",
    node: "NegBackward0",
    saves: Saves::NOTHING,
    check: Check::Attributes(|_, _, dtype| crate::shared::checks::not_bool(dtype, "negation", "logicalNot()")),
    ..ring_unary::<Neg, 0>()
}
.shipped();

/// `−x`.
pub fn neg(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
