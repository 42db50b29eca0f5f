//! `log(1 + e^x)` for `x ≤ 0` in f32: the smooth part of `softplus` and of sums in logarithms.
//!
//! `log(1 + z) = 2·artanh(t/2)` for `t = z / (1 + z/2)`, which is at most ⅔. With the series `t +
//! t³·P(t²)` of that and `z − t = t·z/2` it is `z − t·(z/2 − t²·P)`: no exponent to take apart, and
//! all errors but that of `z = e^x` count for less than half. `z` is 2⁶⁴ times as large at first: one
//! power of two does for denormals too, where [`exp`](super::exp()) takes two. Constants:
//! `tools/minimax.py log1p_exp`.

use super::constants::{Constant, k, poly};
use super::exp::{ROUNDER, exp_of_rest};
use crate::algebra::F32s;

/// Largest error in units of the last place, denormal results included.
pub const MAX_ULP: f64 = 2.25;

/// `(2·artanh(t/2) − t) / t³` by powers of `t²`, up to ⅔.
static POLY: [Constant; 4] = Constant::each([5.470_075e-4, 2.187_736_3e-3, 1.250_669_9e-2, 8.333_302e-2]);

/// `log(1 + e^x)` for `x ≤ 0`: 0 at −∞, log 2 at 0; anything for other numbers, but NaN for NaN.
#[inline(always)]
pub fn log1p_exp<const K: usize>(x: F32s<K>) -> F32s<K> {
    const LARGE: f32 = 18_446_744_073_709_551_616.0;
    // e^−104 rounds to 0.
    let (p, t) = exp_of_rest(x.pmax(k!(-104.0)), k!(ROUNDER + 127.0 + 64.0));
    let z = p * t.to_bits().shl::<23>().to_floats() * k!(1.0 / LARGE);
    let half = z * k!(0.5);
    let t = z / (k!(1.0) + half);
    let square = t * t;
    t.neg_mul_add(square.neg_mul_add(poly(square, &POLY), half), z)
}
