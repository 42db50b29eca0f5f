//! The least common multiple of input and other.

use super::gcd::{gcd, of_integers};
use crate::shared::special::by_element::zip_integers;
use adjoint_autograd::OpDef;

fn lcm(a: i64, b: i64) -> i64 {
    match gcd(a, b) {
        0 => 0,
        divisor => (a / divisor).wrapping_mul(b).wrapping_abs(),
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "lcm",
    doc: "Returns the least common multiple of `input` and `other`, element by element.\n\n\
          Not negative; shapes broadcast and integer dtypes promote; floats are an error. Source: PyTorch, `torch.lcm`.",
    ..of_integers(|call, outs| zip_integers(call, &mut outs[0], lcm))
}
.shipped();
