//! The terms of an entropy.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::shared::samples;
use adjoint_autograd::{Api, OpDef, Saves};

struct Entr;

impl Unary<0> for Entr {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        let zero = A::c(0.0);
        let below = A::select(x.lt(zero), A::c(f64::NEG_INFINITY), x);
        A::select(x.gt(zero), -x * x.log(), A::select(x.eq(zero), zero, below))
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, []: [A; 0]) -> A {
        g * (-x.log() - A::c(1.0))
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "entr",
    doc: "Returns `−x log x`, element by element: 0 at 0 and −∞ below.\n\n\
          `dx = −g (log x + 1)`. Integers give float32. Source: PyTorch, `torch.special.entr`.",
    surface: &[Api::Special],
    in_place: false,
    node: "SpecialEntrBackward0",
    saves: Saves::INPUT,
    samples: || samples::unary_in(0.2, 3.0, &[]),
    ..unary::<Entr, 0>()
}
.shipped();
