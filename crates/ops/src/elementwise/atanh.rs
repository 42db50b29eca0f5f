//! The inverse hyperbolic tangent of `x`.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use crate::shared::samples;
use adjoint_autograd::{Alias, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Atanh;

impl Unary<0> for Atanh {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.atanh()
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "atanh",
    also: &[Alias::both("arctanh")],
    doc: "Returns the inverse hyperbolic tangent of `input`, element by element.\n\n\
          ±∞ at ±1, NaN beyond. Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.atanh`.",
    node: "AtanhBackward0",
    saves: Saves::INPUT,
    samples: || samples::unary_in(-0.9, 0.9, &[]),
    ..unary::<Atanh, 0>()
}
.shipped();

/// The inverse hyperbolic tangent of `x`.
pub fn atanh(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
