//! `|x|`.

use crate::formula::{Loops, Ring, RingUnary, ring_unary};
use crate::invoke;
use crate::shared::checks::not_bools;
use adjoint_autograd::op::Check;
use adjoint_autograd::{Alias, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Abs;

impl RingUnary<0> for Abs {
    const LOOPS: Loops = Loops::Both;
    fn f<R: Ring>(x: R, []: [R; 0]) -> R {
        x.abs()
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "abs",
    also: &[Alias::both("absolute")],
    doc: "Returns `|input|`, element by element.\n\n\
          The gradient is `g · sign(input)`, where the sign of 0 and of NaN is 0. Every dtype but bool. Any shape; returns a new tensor. Source: PyTorch, `torch.abs`.",
    node: "AbsBackward0",
    check: Check::Attributes(|inputs, _, _| not_bools(inputs)),
    saves: Saves::INPUT,
    flat: [1, 0],
    ..ring_unary::<Abs, 0>()
}
.shipped();

/// `|x|`.
pub fn abs(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
