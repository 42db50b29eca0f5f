//! The natural logarithm in f32.
//!
//! `x = 2^k · m` with `√½ ≤ m < √2`, and `log m = f − f²/2 + f³·P(f)` for `f = m − 1`, which is
//! exact. A denormal is scaled up first. Constants: `tools/minimax.py log`; `ln 2` as in
//! [`exp`](super::exp()).

use super::constants::{Constant, k, poly};
use super::exp::{LN_2_HIGH, LN_2_LOW};
use crate::algebra::{Algebra, F32s, I32s, Ring};

/// Largest error in units of the last place.
pub const MAX_ULP: f64 = 1.5;

/// `(log(1 + f) − f + f²/2) / f³` for `√½ ≤ 1 + f < √2`.
static POLY: [Constant; 9] = Constant::each([
    5.337_519_2e-2,
    -1.092_085_1e-1,
    1.210_900_25e-1,
    -1.254_905_8e-1,
    1.420_963_6e-1,
    -1.665_937_3e-1,
    2.000_222_2e-1,
    -2.500_016_7e-1,
    3.333_331_3e-1,
]);

/// The bits of √½.
pub(super) const SQRT_HALF: i32 = 0x3f35_04f3;

/// The natural logarithm: −∞ at ±0, NaN below.
#[inline(always)]
pub fn log<const K: usize>(x: F32s<K>) -> F32s<K> {
    let tiny = x.lt(k!(f32::MIN_POSITIVE));
    let scaled = F32s::select(tiny, x * k!(8_388_608.0), x);
    let bits = scaled.to_bits() - I32s::splat(SQRT_HALF);
    let k = bits.shr::<23>().to_f32() - F32s::select(tiny, k!(23.0), k!(0.0));
    let m = ((bits & I32s::splat(0x007f_ffff)) + I32s::splat(SQRT_HALF)).to_floats();
    let y = log_of_parts(k, m - k!(1.0));
    let zero = k!(0.0);
    // Infinity and NaN pass through; below zero there is no logarithm.
    let edge = F32s::select(x.lt(zero), k!(f32::NAN), F32s::select(Ring::eq(x, zero), k!(f32::NEG_INFINITY), x));
    F32s::select(x.gt(zero) & x.lt(k!(f32::INFINITY)), y, edge)
}

/// `k · ln 2 + log(1 + f)`.
#[inline(always)]
pub(super) fn log_of_parts<const K: usize>(k: F32s<K>, f: F32s<K>) -> F32s<K> {
    let square = f * f;
    // The small terms first: f·f²·P − f²/2 + k·ln 2's tail, then f, then k·ln 2.
    let tail = k.mul_add(k!(LN_2_LOW), square * f * poly(f, &POLY));
    let tail = square.mul_add(k!(-0.5), tail);
    k.mul_add(k!(LN_2_HIGH), f + tail)
}
