//! `x` rounded towards 0.

use crate::formula::{Loops, Ring, RingUnary, ring_unary};
use crate::invoke;
use crate::shared::checks::not_bools;
use adjoint_autograd::op::Check;
use adjoint_autograd::{Alias, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Trunc;

impl RingUnary<0> for Trunc {
    const LOOPS: Loops = Loops::Neither;
    fn f<R: Ring>(x: R, []: [R; 0]) -> R {
        x.trunc()
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "trunc",
    also: &[Alias::both("fix")],
    doc: "Returns `input` rounded towards 0, element by element.\n\n\
          The gradient is 0. Integers stay as they are; bool is an error. Any shape; returns a new tensor. Source: PyTorch, `torch.trunc`.",
    node: "TruncBackward0",
    saves: Saves::NOTHING,
    check: Check::Attributes(|inputs, _, _| not_bools(inputs)),
    ..ring_unary::<Trunc, 0>()
}
.shipped();

/// `x` rounded towards 0.
pub fn trunc(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
