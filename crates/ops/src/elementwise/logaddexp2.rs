//! Sums of powers of 2, in logarithms.

use crate::formula::{Algebra, Binary, Loops, binary};
use crate::shared::checks::floats;
use adjoint_autograd::op::Check;
use adjoint_autograd::{OpDef, Saves};
use std::f64::consts::LOG2_E;

struct LogAddExp2;

impl Binary<0> for LogAddExp2 {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(a: A, b: A, []: [A; 0]) -> A {
        // Equal infinities have no difference: they are the sum themselves.
        let same = a.eq(b) & a.abs().eq(A::c(f64::INFINITY));
        A::select(same, a, a.max(b) + (-(a - b).abs()).exp2().log1p() * A::c(LOG2_E))
    }
    fn vjp<A: Algebra>(g: A, a: A, b: A, _y: A, []: [A; 0]) -> [A; 2] {
        [g / (A::c(1.0) + (b - a).exp2()), g / (A::c(1.0) + (a - b).exp2())]
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "logaddexp2",
    doc: "Returns `log₂(2^input + 2^other)`, element by element, without overflow on the way.\n\n\
          Shapes broadcast and dtypes promote. Source: PyTorch, `torch.logaddexp2`.",
    node: "Logaddexp2Backward0",
    in_place: false,
    saves: Saves { inputs: &[0b11, 0b11], outputs: &[] },
    check: Check::Attributes(|inputs, _, _| floats(inputs)),
    ..binary::<LogAddExp2, 0>()
}
.shipped();
