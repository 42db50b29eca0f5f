//! The smaller of `x` and `other`; NaN where either is.

use crate::formula::{Loops, Ring, RingBinary, ring_binary};
use crate::invoke;
use adjoint_autograd::{OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Minimum;

impl RingBinary<0> for Minimum {
    const LOOPS: Loops = Loops::Both;
    fn f<R: Ring>(a: R, b: R, []: [R; 0]) -> R {
        a.min(b)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "minimum",
    doc: "Returns the smaller of `input` and `other`; NaN where either is, element by element.\n\n\
          Equal elements share the gradient evenly. Shapes broadcast and dtypes promote. Source: PyTorch, `torch.minimum`.",
    node: "MinimumBackward0",
    saves: Saves { inputs: &[0b11, 0b11], outputs: &[] },
    ..ring_binary::<Minimum, 0>()
}
.shipped();

/// The smaller of `x` and `other`; NaN where either is.
pub fn minimum(x: &Tensor, other: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, x, other)
}
