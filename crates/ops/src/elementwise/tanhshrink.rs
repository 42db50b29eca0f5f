//! `x − tanh(x)`.

use super::{sub::sub, tanh::tanh};
use crate::formula::{Algebra, Unary, unary};
use crate::invoke;
use crate::shared::checks::{not_bools, only};
use adjoint_autograd::op::{Check, HalfOps};
use adjoint_autograd::{Api, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Tanhshrink;

impl Unary<0> for Tanhshrink {
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x - x.tanh()
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, []: [A; 0]) -> A {
        let t = x.tanh();
        g * t * t
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "tanhshrink",
    doc: "Returns `input − tanh(input)`, element by element.\n\n\
          Loses relative accuracy near 0, where the terms cancel. Integers are computed in float32; bool is an error. Any shape; returns a new tensor. Source: PyTorch, `torch.nn.functional.tanhshrink`.",
    // PyTorch has no op of its own for it.
    node: "SubBackward0",
    surface: &[Api::Functional],
    in_place: false,
    saves: Saves::INPUT,
    check: Check::Attributes(|inputs, _, _| not_bools(inputs)),
    half_ops: HalfOps::Called(|inputs, _| sub(only(inputs)?, &tanh(only(inputs)?)?)),
    ..unary::<Tanhshrink, 0>()
}
.shipped();

/// `x − tanh(x)`.
pub fn tanhshrink(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
