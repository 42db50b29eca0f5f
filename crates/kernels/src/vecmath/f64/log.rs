//! The natural logarithm in f64, two lanes at a time.
//!
//! `x = 2^k · m` with `√½ ≤ m < √2`, `f = m − 1` and `s = f / (2 + f)`: `log m = 2s + s³·R(s²)`,
//! where `2s = f − f²/2 + s·f²/2`, so that `f`, which is exact, is the last to be added. Constants:
//! `tools/minimax.py log64`; `ln 2` as in [`exp`](super::exp()).

use adjoint_simd::F64x2;

use super::exp::{LN_2_HIGH, LN_2_LOW};
use crate::vecmath::constants::{Constant64, k64, poly64};

/// Largest error in units of the last place.
pub const MAX_ULP: f64 = 1.0;

/// The bits of √½.
const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
const TWO_52: f64 = 4_503_599_627_370_496.0;
const TWO_54: f64 = 18_014_398_509_481_984.0;

/// `(log((1 + s) / (1 − s)) − 2s) / s³` by powers of `s²`; error 1.2e−18 of the logarithm.
static POLY: [Constant64; 7] = Constant64::each([
    0.147_960_993_434_964_33,
    0.153_140_364_676_887_52,
    0.181_835_648_402_957_43,
    0.222_221_985_640_455_48,
    0.285_714_287_424_686_24,
    0.399_999_999_994_143_54,
    0.666_666_666_666_673_4,
]);

/// The natural logarithm: −∞ at ±0, NaN below.
#[inline(never)]
pub fn log(x: F64x2) -> F64x2 {
    let usual = k64!(f64::MIN_POSITIVE).le(x) & x.lt(k64!(f64::INFINITY));
    if usual.all() { log_of_normal(x) } else { special_cases(x) }
}

/// For numbers that are not all normal and positive.
#[inline(never)]
fn special_cases(x: F64x2) -> F64x2 {
    let tiny = x.lt(k64!(f64::MIN_POSITIVE));
    let scaled = F64x2::select(tiny, x * k64!(TWO_54), x);
    let bias = F64x2::select(tiny, k64!(TWO_52 + 1024.0 + 54.0), k64!(TWO_52 + 1024.0));
    let y = log_of_usual(scaled, bias);
    let zero = F64x2::splat(0.0);
    // Infinity and NaN pass through; below zero there is no logarithm.
    let edge = F64x2::select(x.eq(zero), k64!(f64::NEG_INFINITY), x);
    let edge = F64x2::select(x.lt(zero), k64!(f64::NAN), edge);
    F64x2::select(zero.lt(x) & x.lt(k64!(f64::INFINITY)), y, edge)
}

/// The logarithm of normal positive numbers; anything for others.
#[inline(always)]
pub(in crate::vecmath) fn log_of_normal(x: F64x2) -> F64x2 {
    log_of_usual(x, k64!(TWO_52 + 1024.0))
}

/// For normal positive numbers; `bias` is taken off the exponent.
#[inline(always)]
fn log_of_usual(x: F64x2, bias: F64x2) -> F64x2 {
    // The exponent with a bias of 1024, so that it is not negative.
    let bits = x.to_bits() - k64!(f64::from_bits(SQRT_HALF.wrapping_sub(1024 << 52))).to_bits();
    let k = F64x2::from_bits(bits.shr_logical::<52>() | k64!(TWO_52).to_bits()) - bias;
    let m = (F64x2::from_bits(bits) & k64!(f64::from_bits((1 << 52) - 1))).to_bits()
        + k64!(f64::from_bits(SQRT_HALF)).to_bits();
    let f = F64x2::from_bits(m) - k64!(1.0);
    let s = f / (f + k64!(2.0));
    let half = f * f * k64!(0.5);
    let square = s * s;
    let rest = s.mul_add(half + square * poly64(square, &POLY), k * k64!(LN_2_LOW));
    k * k64!(LN_2_HIGH) - ((half - rest) - f)
}
