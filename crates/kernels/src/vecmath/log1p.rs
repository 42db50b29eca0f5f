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
    // Exact either way; from 1 on it is 1 that loses bits in the sum.
    let lost = F32s::select(x.lt(one), x - (u - one), one - (u - x));
    // 2^−k; where that would be 2^−128 the bits turn negative, and nothing was lost that counts.
    let shrink = (one.to_bits() - k.shl::<23>()).to_floats().pmax(k!(0.0));
    let y = log_of_parts(k.to_f32(), (m - one) + lost * shrink);
    let minus_one = -one;
    let edge = F32s::select(x.lt(minus_one), k!(f32::NAN), x);
    let edge = F32s::select(Ring::eq(x, minus_one), k!(f32::NEG_INFINITY), edge);
    // ±0, infinity and NaN pass through.
    let inside = x.gt(minus_one) & x.lt(k!(f32::INFINITY)) & x.ne(k!(0.0));
    F32s::select(inside, y, edge)
}
