//! The sine of πx over πx.

use crate::formula::{Algebra, Loops, Unary, unary};
use adjoint_autograd::{Api, OpDef, Saves};

struct Sinc;

impl Unary<0> for Sinc {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        let a = x * A::c(std::f64::consts::PI);
        let at_zero = x.eq(A::c(0.0));
        A::select(at_zero, A::c(1.0), a.sin() / A::select(at_zero, A::c(1.0), a))
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, []: [A; 0]) -> A {
        let (zero, pi) = (A::c(0.0), A::c(std::f64::consts::PI));
        let (a, square) = (x * pi, x * x * pi);
        // As PyTorch's: what is not taken at 0 is NaN, and so is the derivative of this there. The
        // square is 0 for tiny numbers too.
        A::select(square.eq(zero), zero, g * ((a * a.cos() - a.sin()) / square))
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "sinc",
    doc: "Returns `sin(π x) / (π x)`, and 1 at 0, element by element.\n\n\
          Integers are computed in float32. Any shape; returns a new tensor. Source: PyTorch, `torch.sinc`.",
    node: "SincBackward0",
    surface: &[Api::Function, Api::Method, Api::Special],
    saves: Saves::INPUT,
    ..unary::<Sinc, 0>()
}
.shipped();
