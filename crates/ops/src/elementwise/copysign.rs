//! The size of one number with the sign of another.

use crate::formula::{Algebra, Binary, Loops, binary, nothing};
use adjoint_autograd::{OpDef, Saves};

struct CopySign;

/// ±1 by the sign of `x`, that of a zero too.
#[inline(always)]
fn unit<A: Algebra>(x: A) -> A {
    let zero = A::c(0.0);
    let negative = x.lt(zero) | (x.eq(zero) & x.recip().lt(zero));
    A::select(negative, A::c(-1.0), A::c(1.0))
}

impl Binary<0> for CopySign {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(a: A, b: A, []: [A; 0]) -> A {
        a.abs() * unit(b)
    }
    fn vjp<A: Algebra>(g: A, a: A, _b: A, y: A, []: [A; 0]) -> [A; 2] {
        let zero = A::c(0.0);
        [A::select(a.eq(zero), zero, g * (y / a)), nothing(g)]
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "copysign",
    doc: "Returns the size of `input` with the sign of `other`, that of −0 too, element by element.\n\n\
          The gradient of `input` is ±g, and 0 at 0; that of `other` is 0. Shapes broadcast and dtypes promote; integers \
          give float32. Source: PyTorch, `torch.copysign`.",
    node: "CopysignBackward0",
    saves: Saves { inputs: &[0b01, 0], outputs: &[1, 0] },
    ..binary::<CopySign, 0>()
}
.shipped();
