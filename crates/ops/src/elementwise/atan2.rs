//! The angle of the point (`other`, `x`) in [−π, π].

use crate::formula::{Algebra, Binary, Loops, binary};
use crate::invoke;
use adjoint_autograd::{Alias, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Atan2;

impl Binary<0> for Atan2 {
    const LOOPS: Loops = Loops::Neither;
    fn f<A: Algebra>(a: A, b: A, []: [A; 0]) -> A {
        a.atan2(b)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "atan2",
    also: &[Alias::both("arctan2")],
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
