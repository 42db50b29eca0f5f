//! `x · sigmoid(x)`.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use crate::shared::checks::floats;
use adjoint_autograd::op::{Check, HalfGradient};
use adjoint_autograd::{Api, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Silu;

impl Unary<0> for Silu {
    const LOOPS: Loops = Loops::Both;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x * x.sigmoid()
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, []: [A; 0]) -> A {
        let (s, one) = (x.sigmoid(), A::c(1.0));
        g * s * (one + x * (one - s))
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "silu",
    doc: "Returns `input · sigmoid(input)`, also called swish, element by element.\n\n\
          Smooth everywhere. Floats only. Any shape; returns a new tensor. Source: PyTorch, `torch.nn.functional.silu`.",
    node: "SiluBackward0",
    surface: &[Api::Functional],
    saves: Saves::INPUT,
    check: Check::Attributes(|inputs, _, _| floats(inputs)),
    half_gradient: HalfGradient::Once,
    ..unary::<Silu, 0>()
}
.shipped();

/// `x · sigmoid(x)`.
pub fn silu(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
