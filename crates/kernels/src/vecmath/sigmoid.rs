//! The logistic function in f32.
//!
//! `e^x = 2^n · (G + r) / (G − r)` for the even function `G = r·coth(r/2) = 2 + r²·P(r²)`, as in
//! [`f64`](super::f64::exp()), so `e^x / (1 + e^x)` is `N / (G − r + N)` with `N = 2^n · (G + r)`: one
//! division, no sums of different signs, and no difference between the two sides of 0. `N` and the
//! quotient are 2⁶⁴ times as large until the last product, which rounds what is denormal: one power
//! of two does then, where [`exp`](super::exp()) takes two. Constants: `tools/minimax.py sigmoid`.

use super::constants::{Constant, k, poly};
use super::exp::{LN_2_HIGH, LN_2_LOW, LOG2_E, ROUNDER};
use crate::algebra::{Algebra, F32s};

/// Largest error in units of the last place, denormal results included.
pub const MAX_ULP: f64 = 2.5;

/// `(r·coth(r/2) − 2) / r²` by powers of `r²`, for `|r| ≤ ln 2 / 2`.
static POLY: [Constant; 2] = Constant::each([-2.766_010_1e-3, 1.666_661_8e-1]);

/// `1 / (1 + e^−x)`: 0 at −∞, ½ at 0, 1 at ∞.
#[inline(always)]
pub fn sigmoid<const K: usize>(x: F32s<K>) -> F32s<K> {
    const LARGE: f32 = 18_446_744_073_709_551_616.0;
    const BIASED: f32 = ROUNDER + 127.0 + 64.0;
    // e^−104 rounds to 0, and 1 − e^−30 to 1.
    let x = x.pmax(k!(-104.0)).pmin(k!(30.0));
    let t = x.mul_add(k!(LOG2_E), k!(BIASED));
    let n = t - k!(BIASED);
    let r = n.neg_mul_add(k!(LN_2_LOW), n.neg_mul_add(k!(LN_2_HIGH), x));
    let square = r * r;
    let g = square.mul_add(poly(square, &POLY), k!(2.0));
    let above = (g + r) * t.to_bits().shl::<23>().to_floats();
    let small = k!(1.0 / LARGE);
    above / above.mul_add(small, g - r) * small
}
