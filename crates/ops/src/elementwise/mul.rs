//! The product `x · other`.

use crate::formula::{Loops, Ring, RingBinary, ring_binary};
use crate::invoke;
use adjoint_autograd::{Alias, Half, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Mul;

impl RingBinary<0> for Mul {
    const LOOPS: Loops = Loops::Both;
    fn f<R: Ring>(a: R, b: R, []: [R; 0]) -> R {
        a * b
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "mul",
    also: &[Alias::both("multiply")],
    doc: "Returns the product `input · other`, element by element.\n\n\
          Shapes broadcast and dtypes promote. Source: PyTorch, `torch.mul`.",
    node: "MulBackward0",
    saves: Saves { inputs: &[0b10, 0b01], outputs: &[] },
    half: Half::ExactNumber,
    ..ring_binary::<Mul, 0>()
}
.shipped();

/// The product `x · other`.
pub fn mul(x: &Tensor, other: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, x, other)
}
