//! `log(1 + x)` in f32, accurate near 0.
//!
//! `u = 1 + x` rounds away `c = x − (u − 1)`. With `u = 2^k · m` as in [`log`](super::log()), the
//! lost part comes back as `f = (m − 1) + c·2^−k`; near 0, where `u` is 1, that leaves `f = x`.

use super::constants::k;
use super::log::{SQRT_HALF, log_of_parts};
use crate::algebra::{F32s, I32s, Ring};

/// Largest error in units of the last place.
pub const MAX_ULP: f64 = 1.5;

/// `log(1 + x)`: −∞ at −1, NaN below; −0 gives −0.
#[inline(always)]
pub fn log1p<const K: usize>(x: F32s<K>) -> F32s<K> {
    let one = k!(1.0);
    let u = one + x;
    let bits = u.to_bits() - I32s::splat(SQRT_HALF);
    let k = bits.shr::<23>();
    let m = ((bits & I32s::splat(0x007f_ffff)) + I32s::splat(SQRT_HALF)).to_floats();
    // What the sum rounded away, exactly, whichever is the larger.
    let part = u - x;
    let lost = (x - (u - part)) + (one - part);
    // 2^−k; where that would be 2^−128 the bits turn negative, and nothing was lost that counts.
    let shrink = (one.to_bits() - k.shl::<23>()).to_floats().pmax(k!(0.0));
    let y = log_of_parts(k.to_f32(), (m - one) + lost * shrink);
    // The result has the sign of x; putting it on saves that of −0.
    let y = y | (x & k!(-0.0));
    let inside = x.gt(-one) & x.lt(k!(f32::INFINITY));
    if inside.all() { y } else { F32s::select(inside, y, at_edges(x)) }
}

/// What it is where it is not finite: infinity and NaN pass through.
#[inline(never)]
fn at_edges<const K: usize>(x: F32s<K>) -> F32s<K> {
    let edge = F32s::select(x.lt(k!(-1.0)), k!(f32::NAN), x);
    F32s::select(Ring::eq(x, k!(-1.0)), k!(f32::NEG_INFINITY), edge)
}
