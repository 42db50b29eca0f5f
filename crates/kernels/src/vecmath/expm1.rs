//! `e^x − 1` in f32, accurate near 0.
//!
//! As [`exp`](super::exp()), with `e^r − 1 = r + r²P(r)` kept apart: `e^x − 1 = 2·(2^(n−1)·(e^r −
//! 1) + (2^(n−1) − ½))`. For `n = 0` the bracket is exact and nothing is lost; the factor 2 outside
//! keeps `2^(n−1)` finite for `n = 128`. Constants: `tools/minimax.py expm1`.

use super::constants::{Constant, k, poly};
use super::exp::{LN_2_HIGH, LN_2_LOW, LOG2_E, ROUNDER};
use crate::algebra::{Algebra, F32s};

/// Largest error in units of the last place.
pub const MAX_ULP: f64 = 2.0;

/// `(e^r − 1 − r) / r²` for `|r| ≤ ln 2 / 2`, weighted for `e^r − 1`.
static POLY: [Constant; 5] =
    Constant::each([1.383_779_7e-3, 8.367_09e-3, 4.166_775e-2, 1.666_653_9e-1, 4.999_999_7e-1]);

/// `e^x − 1`: −1 at −∞, ∞ above 88.72; −0 gives −0.
#[inline(always)]
pub fn expm1<const K: usize>(x: F32s<K>) -> F32s<K> {
    // The result has the sign of x; putting it on saves that of −0.
    expm1_unsigned(x) | (x & k!(-0.0))
}

/// [`expm1`], but 0 for −0.
#[inline(always)]
pub(super) fn expm1_unsigned<const K: usize>(x: F32s<K>) -> F32s<K> {
    // The power 2^(n−1), biased by 127.
    const BIASED: f32 = ROUNDER + 126.0;
    // e^−18 is below the last place of −1.
    let x = x.pmin(k!(89.0)).pmax(k!(-18.0));
    let t = x.mul_add(k!(LOG2_E), k!(BIASED));
    let n = t - k!(BIASED);
    let r = n.neg_mul_add(k!(LN_2_LOW), n.neg_mul_add(k!(LN_2_HIGH), x));
    let p = (r * r).mul_add(poly(r, &POLY), r);
    let power = t.to_bits().shl::<23>().to_floats();
    let half = power.mul_add(p, power - k!(0.5));
    half + half
}
