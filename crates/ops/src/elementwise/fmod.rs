//! What remains of `x / other` rounded towards 0, with the sign of `x`.

use crate::formula::{Loops, Ring, RingBinary, ring_binary};
use crate::invoke;
use crate::shared::checks::{no_zero_divisor, not_bools};
use crate::shared::samples;
use adjoint_autograd::op::Check;
use adjoint_autograd::{NodeNaming, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Fmod;

impl RingBinary<0> for Fmod {
    const LOOPS: Loops = Loops::Neither;
    fn f<R: Ring>(a: R, b: R, []: [R; 0]) -> R {
        a.fmod(b)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "fmod",
    doc: "Returns what remains of `x / other` rounded towards 0, with the sign of `x`, element by element.\n\n\
          Shapes broadcast and dtypes promote. Source: PyTorch, `torch.fmod`.",
    node: "FmodBackward0",
    shown: NodeNaming::by_number(|call| if call.is_number(1) { "FmodBackward0" } else { "FmodBackward1" }),
    saves: Saves { inputs: &[0b00, 0b11], outputs: &[] },
    check: Check::Attributes(|inputs, attrs, dtype| {
        not_bools(inputs)?;
        no_zero_divisor(inputs, attrs, dtype)
    }),
    samples: || samples::binary_in((-3.0, 3.0), (0.6, 1.4), &[]),
    ..ring_binary::<Fmod, 0>()
}
.shipped();

/// What remains of `x / other` rounded towards 0, with the sign of `x`.
pub fn fmod(x: &Tensor, other: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, x, other)
}
