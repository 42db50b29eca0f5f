//! The distribution of standard normal numbers.

use crate::formula::{Algebra, Loops, Unary, unary};
use crate::shared::samples;
use adjoint_autograd::{Api, OpDef, Saves};

struct Ndtr;

impl Unary<0> for Ndtr {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        x.ndtr()
    }
    fn vjp<A: Algebra>(g: A, x: A, _y: A, []: [A; 0]) -> A {
        g * x.normal_density()
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "ndtr",
    doc: "Returns the probability that a standard normal number is below `input`, element by element.\n\n\
          Accurate where that is small, too. Integers give float32. Source: PyTorch, `torch.special.ndtr`.",
    surface: &[Api::Special],
    in_place: false,
    node: "MulBackward1",
    saves: Saves::INPUT,
    samples: || samples::unary_in(-3.0, 3.0, &[]),
    ..unary::<Ndtr, 0>()
}
.shipped();
