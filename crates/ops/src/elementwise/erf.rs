//! The error function, `2/√π ∫₀ˣ exp(−t²) dt`.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::invoke;
use adjoint_autograd::{Api, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Erf;

impl Unary<0> for Erf {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.erf()
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "erf",
    surface: &[Api::Function, Api::Method, Api::Special],
    doc: "Returns the error function, `2/√π ∫₀ˣ exp(−t²) dt`, element by element.\n\n\
          Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.erf`.",
    node: "ErfBackward0",
    saves: Saves::INPUT,
    ..unary::<Erf, 0>()
}
.shipped();

/// The error function, `2/√π ∫₀ˣ exp(−t²) dt`.
pub fn erf(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
