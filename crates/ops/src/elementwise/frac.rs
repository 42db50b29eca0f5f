//! The part of `x` behind the point, with the sign of `x`.

use crate::formula::{Algebra, Unary, unary};
use crate::invoke;
use crate::shared::checks::floats;
use adjoint_autograd::op::Check;
use adjoint_autograd::{OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Frac;

impl Unary<0> for Frac {
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x - x.trunc()
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "frac",
    doc: "Returns the part of `input` behind the point, with the sign of `input`, element by element.\n\n\
          Floats only. Any shape; returns a new tensor. Source: PyTorch, `torch.frac`.",
    node: "FracBackward0",
    saves: Saves::NOTHING,
    check: Check::Attributes(|inputs, _, _| floats(inputs)),
    ..unary::<Frac, 0>()
}
.shipped();

/// The part of `x` behind the point, with the sign of `x`.
pub fn frac(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
