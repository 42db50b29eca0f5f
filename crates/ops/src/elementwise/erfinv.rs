//! The inverse of the error function.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use crate::shared::samples;
use adjoint_autograd::{Api, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Erfinv;

impl Unary<0> for Erfinv {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.erfinv()
    }
    fn vjp<A: Algebra>(g: A, _x: A, y: A, []: [A; 0]) -> A {
        g * A::c(1.0 / std::f64::consts::FRAC_2_SQRT_PI) * (y * y).exp()
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "erfinv",
    surface: &[Api::Function, Api::Method, Api::Special],
    doc: "Returns the inverse of the error function, element by element.\n\n\
          ±∞ at ±1, NaN beyond. Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.erfinv`.",
    node: "ErfinvBackward0",
    saves: Saves::OUTPUT,
    samples: || samples::unary_in(-0.9, 0.9, &[]),
    ..unary::<Erfinv, 0>()
}
.shipped();

/// The inverse of the error function.
pub fn erfinv(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
