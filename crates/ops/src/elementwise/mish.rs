//! `x · tanh(softplus(x))`.

use crate::formula::{Algebra, Unary, unary};
use crate::invoke;
use crate::shared::checks::floats;
use adjoint_autograd::op::{Check, HalfGradient};
use adjoint_autograd::{Api, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

/// `tanh(log(1 + exp(x)))` without overflow.
fn gate<A: Algebra>(x: A) -> A {
    (x.max(A::c(0.0)) + (-x.abs()).log1p_exp()).tanh()
}

struct Mish;

impl Unary<0> for Mish {
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x * gate(x)
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, []: [A; 0]) -> A {
        // With `s = sigmoid(x)` and `q = 1 − s` the gate is `(1 − q²) / (1 + q²)`: none of the
        // kinks at 0 that cancel in the value, but not in derivatives of higher order.
        let (s, q) = (x.sigmoid(), (-x).sigmoid());
        let d = A::c(1.0) + q * q;
        let t = s * (A::c(1.0) + q) / d;
        g * (t + x * s * (A::c(4.0) * q * q / (d * d)))
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "mish",
    doc: "Returns `input · tanh(log(1 + exp(input)))`, element by element.\n\n\
          Smooth everywhere. Floats only. Any shape; returns a new tensor. Source: PyTorch, `torch.nn.functional.mish`.",
    node: "MishBackward0",
    surface: &[Api::Functional],
    saves: Saves::INPUT,
    check: Check::Attributes(|inputs, _, _| floats(inputs)),
    half_gradient: HalfGradient::Once,
    ..unary::<Mish, 0>()
}
.shipped();

/// `x · tanh(softplus(x))`.
pub fn mish(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
