//! The angle of the point (`other`, `x`) in [−π, π].

use crate::formula::{Algebra, Binary, Loops, binary};
use crate::invoke;
use adjoint_autograd::{OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Atan2;

impl Binary<0> for Atan2 {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(a: A, b: A, []: [A; 0]) -> A {
        a.atan2(b)
    }
    fn vjp<A: Algebra>(g: A, a: A, b: A, _y: A, []: [A; 0]) -> [A; 2] {
        // At the origin there is no angle, and 0 is the gradient. The quotient not taken makes the
        // second one NaN, as in PyTorch.
        let square = a * a + b * b;
        let scale = A::select(square.eq(A::c(0.0)), A::c(0.0), square.recip());
        [g * (b * scale), -(g * (a * scale))]
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "atan2",
    doc: "Returns the angle of the point (`other`, `input`) in [−π, π], element by element.\n\n\
          The gradient at the origin is 0, and there is no second one: it is NaN. Shapes broadcast and dtypes promote. Source: PyTorch, `torch.atan2`.",
    node: "Atan2Backward0",
    saves: Saves { inputs: &[0b11, 0b11], outputs: &[] },
    ..binary::<Atan2, 0>()
}
.shipped();

/// The angle of the point (`other`, `x`) in [−π, π].
pub fn atan2(x: &Tensor, other: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, x, other)
}
