//! The self-normalising exponential linear unit.

use crate::formula::{Algebra, Unary, negative_part, unary};
use crate::invoke;
use crate::shared::checks::floats;
use adjoint_autograd::op::{Check, HalfGradient};
use adjoint_autograd::{Api, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

/// The constants of the paper, which solve for a fixed point of mean 0 and variance 1.
const ALPHA: f64 = 1.673_263_242_354_377_2;
const SCALE: f64 = 1.050_700_987_355_480_5;

struct Selu;

impl Unary<0> for Selu {
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        let zero = A::c(0.0);
        A::c(SCALE) * A::select(x.gt(zero), x, A::c(ALPHA) * x.expm1())
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, []: [A; 0]) -> A {
        // NaN passes the gradient on, as in PyTorch.
        let zero = A::c(0.0);
        A::c(SCALE) * A::select(x.le(zero), g * A::c(ALPHA) * negative_part(x).exp(), g)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "selu",
    doc: "Returns `s · input` where it is positive, else `s · a · (exp(input) − 1)`, with s = 1.0507… and a = 1.6732….\n\n\
          With these constants activations keep mean 0 and variance 1 (Klambauer et al., Self-Normalizing Neural Networks, 2017). Floats only. Any shape; returns a new tensor. Source: PyTorch, `torch.nn.functional.selu`.",
    node: "EluBackward0",
    surface: &[Api::Function, Api::Functional],
    in_place: true,
    saves: Saves::INPUT,
    check: Check::Attributes(|inputs, _, _| floats(inputs)),
    half_gradient: HalfGradient::Once,
    ..unary::<Selu, 0>()
}
.shipped();

/// The self-normalising exponential linear unit.
pub fn selu(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
