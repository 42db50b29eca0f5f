//! Sine and cosine in f32.
//!
//! `sin x = (−1)^n · sin r` with `n = round(x / π)` and `r = x − nπ`, so that one odd polynomial on
//! `|r| ≤ π/2` does for both: the cosine takes `n` half-way between integers. π is in four parts;
//! the first three have so few bits that their products with `n` are exact, fused or not. Beyond
//! [`LIMIT`] the reduction runs out of bits, and lanes go through f64 one by one. Constants:
//! `tools/minimax.py sin_pi`.

use super::constants::{Constant, k, poly};
use super::exp::ROUNDER;
use super::lanes;
use crate::algebra::{Algebra, F32s, Ring};

/// Largest error in units of the last place, for every finite argument.
pub const MAX_ULP: f64 = 3.0;

/// The largest argument reduced in f32.
const LIMIT: f32 = 8192.0;

/// π in four parts: 11, 11 and 11 bits, and the rest.
static PI: [Constant; 4] = Constant::each([3.140_625, 9.675_026e-4, 1.509_906_7e-7, 5.126_688e-12]);

/// `(sin r − r) / r³` in `r²`, for `|r| ≤ π/2`.
static POLY: [Constant; 5] =
    Constant::each([-2.550_311_3e-8, 2.762_706e-6, -1.984_309_3e-4, 8.333_350_5e-3, -1.666_666_7e-1]);

/// The sine of `x` radians; NaN at ±∞; −0 gives −0.
#[inline(always)]
pub fn sin<const K: usize>(x: F32s<K>) -> F32s<K> {
    let t = x.mul_add(k!(core::f32::consts::FRAC_1_PI), k!(ROUNDER));
    let y = sine_after(x, t - k!(ROUNDER)) ^ t.to_bits().shl::<31>().to_floats();
    or_slowly(x, y, f64::sin)
}

/// The cosine of `x` radians; NaN at ±∞.
#[inline(always)]
pub fn cos<const K: usize>(x: F32s<K>) -> F32s<K> {
    // n = m − ½ with m = round(|x| / π + ½), and cos x = sin(x + π/2) = (−1)^m · sin(x − nπ).
    let x = x.abs();
    let t = x.mul_add(k!(core::f32::consts::FRAC_1_PI), k!(0.5)) + k!(ROUNDER);
    let n = (t - k!(ROUNDER)) - k!(0.5);
    let y = sine_after(x, n) ^ t.to_bits().shl::<31>().to_floats();
    or_slowly(x, y, f64::cos)
}

/// `sin(x − nπ)` where that is at most a right angle.
#[inline(always)]
fn sine_after<const K: usize>(x: F32s<K>, n: F32s<K>) -> F32s<K> {
    let mut r = x;
    for part in &PI {
        r = n.neg_mul_add(part.get(), r);
    }
    let square = r * r;
    // The result has the sign of r; putting it on saves that of −0.
    (r * square).mul_add(poly(square, &POLY), r) | (r & k!(-0.0))
}

/// `y`, or `f` of arguments that are too large; infinities and NaN are not, they come out as NaN
/// either way.
#[inline(always)]
fn or_slowly<const K: usize>(x: F32s<K>, y: F32s<K>, f: fn(f64) -> f64) -> F32s<K> {
    let large = x.abs().gt(k!(LIMIT));
    if large.any() { F32s::select(large, lanes::unary(x, f), y) } else { y }
}
