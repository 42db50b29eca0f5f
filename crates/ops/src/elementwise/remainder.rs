//! What remains of `x / other` rounded down, with the sign of `other`: Python's `%`.

use crate::formula::{Loops, Ring, RingBinary, ring_binary};
use crate::invoke;
use crate::shared::checks::{no_zero_divisor, not_bools};
use crate::shared::samples;
use adjoint_autograd::op::Check;
use adjoint_autograd::{NodeNaming, OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct Remainder;

impl RingBinary<0> for Remainder {
    const LOOPS: Loops = Loops::Neither;
    fn f<R: Ring>(a: R, b: R, []: [R; 0]) -> R {
        a.remainder(b)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "remainder",
    doc: "Returns what remains of `input / other` rounded down, with the sign of `other`: Python's `%`, element by element.\n\n\
          Shapes broadcast and dtypes promote. Source: PyTorch, `torch.remainder`.",
    node: "RemainderBackward0",
    shown: NodeNaming::by_number(|call| if call.is_number(1) { "RemainderBackward0" } else { "RemainderBackward1" }),
    saves: Saves { inputs: &[0b00, 0b11], outputs: &[] },
    check: Check::Attributes(|inputs, attrs, dtype| {
        not_bools(inputs)?;
        no_zero_divisor(inputs, attrs, dtype)
    }),
    samples: || samples::binary_in((-3.0, 3.0), (0.6, 1.4), &[]),
    ..ring_binary::<Remainder, 0>()
}
.shipped();

/// What remains of `x / other` rounded down, with the sign of `other`: Python's `%`.
pub fn remainder(x: &Tensor, other: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, x, other)
}
