//! The length of the hypotenuse.

use crate::formula::{Algebra, Binary, Loops, binary};
use crate::shared::checks::floats;
use adjoint_autograd::op::Check;
use adjoint_autograd::{OpDef, Saves};

struct Hypot;

impl Binary<0> for Hypot {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(a: A, b: A, []: [A; 0]) -> A {
        // The larger is taken out, so that squares neither overflow nor vanish; an infinite leg is
        // the length also beside NaN.
        let (infinity, one) = (A::c(f64::INFINITY), A::c(1.0));
        let (a, b) = (a.abs(), b.abs());
        let (long, short) = (a.max(b), a.min(b));
        let ratio = short / A::select(long.eq(A::c(0.0)), one, long);
        let length = long * (ratio * ratio + one).sqrt();
        A::select(a.eq(infinity) | b.eq(infinity), infinity, length)
    }
    fn vjp<A: Algebra>(g: A, a: A, b: A, y: A, []: [A; 0]) -> [A; 2] {
        // By the length, which is at hand: NaN at the origin, as in PyTorch.
        [g * (a / y), g * (b / y)]
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "hypot",
    doc: "Returns `√(input² + other²)`, element by element, without overflow on the way.\n\n\
          Shapes broadcast and dtypes promote. The gradient at 0, 0 is NaN. Source: PyTorch, `torch.hypot`.",
    node: "HypotBackward0",
    saves: Saves { inputs: &[0b01, 0b10], outputs: &[1, 1] },
    check: Check::Attributes(|inputs, _, _| floats(inputs)),
    ..binary::<Hypot, 0>()
}
.shipped();
