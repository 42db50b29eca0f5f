//! `x / (1 + |x|)`.

use super::{abs::abs, add::add, div::div};
use crate::formula::{Algebra, Unary, unary};
use crate::invoke;
use crate::shared::checks::{not_bools, only};
use adjoint_autograd::op::{Check, HalfOps};
use adjoint_autograd::{Api, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Softsign;

impl Unary<0> for Softsign {
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x / (A::c(1.0) + x.abs())
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, []: [A; 0]) -> A {
        let d = A::c(1.0) + x.abs();
        // The second term is 0, and NaN where the value is: at infinities.
        g * ((d * d).recip() + A::c(0.0) * (x / d))
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "softsign",
    doc: "Returns `input / (1 + |input|)`, element by element.\n\n\
          A sigmoid from −1 to 1 with heavy tails. Integers are computed in float32; bool is an error. Any shape; returns a new tensor. Source: PyTorch, `torch.nn.functional.softsign`.",
    // PyTorch has no op of its own for it.
    node: "DivBackward0",
    surface: &[Api::Functional],
    in_place: false,
    saves: Saves::INPUT,
    check: Check::Attributes(|inputs, _, _| not_bools(inputs)),
    half_ops: HalfOps::Called(|inputs, _| {
        let x = only(inputs)?;
        div(x, &add(&abs(x)?, &invoke::number(1.0)?)?)
    }),
    ..unary::<Softsign, 0>()
}
.shipped();

/// `x / (1 + |x|)`.
pub fn softsign(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
