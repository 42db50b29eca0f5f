//! The exponential function in f64, two lanes at a time.
//!
//! `x = n·ln 2 + r` with `|r| ≤ ln 2 / 2`, and `e^r = (G + r) / (G − r)` for the even function `G =
//! r·coth(r/2) = 2 + r²·P(r²)`: five coefficients do where a series takes eleven. The quotient is
//! written as 1 and a small term. Constants: `tools/minimax.py exp64`; `ln 2` is split so that
//! `n·LN_2_HIGH` is exact.

use adjoint_simd::F64x2;

use super::ROUNDER;
use crate::vecmath::constants::{Constant64, k64, poly64};

/// Largest error in units of the last place, denormal results included.
pub const MAX_ULP: f64 = 1.0;

/// The upper 42 bits of ln 2.
pub(super) const LN_2_HIGH: f64 = 0.693_147_180_559_890_3;
/// ln 2 − [`LN_2_HIGH`].
pub(super) const LN_2_LOW: f64 = 5.497_923_018_708_371e-14;

/// `(r·coth(r/2) − 2) / r²` by powers of `r²`, for `|r| ≤ ln 2 / 2`; error 1.8e−19 of `e^r`.
static POLY: [Constant64; 5] = Constant64::each([
    4.136_031_427_569_950_5e-8,
    -1.653_383_676_041_544_6e-6,
    6.613_756_249_797_636e-5,
    -2.777_777_777_669_539_3e-3,
    0.166_666_666_666_665_55,
]);

/// e to the power `x`: 0 at −∞, ∞ above 709.78.
#[inline(never)]
pub fn exp(x: F64x2) -> F64x2 {
    // Two powers of two, ⌊n/2⌋ and ⌈n/2⌉, so that a result in the denormal range is rounded once.
    const BIASED: f64 = ROUNDER + 2046.0;
    // e^−746 rounds to 0 and e^710 to infinity.
    let x = x.pmin(k64!(710.0)).pmax(k64!(-746.0));
    let t = x.mul_add(k64!(core::f64::consts::LOG2_E), k64!(BIASED));
    let n = t - k64!(BIASED);
    let (high, low) = (n.neg_mul_add(k64!(LN_2_HIGH), x), n * k64!(LN_2_LOW));
    let r = high - low;
    let c = (r * r).neg_mul_add(poly64(r * r, &POLY), r);
    let p = k64!(1.0) - ((low - (r * c) / (k64!(2.0) - c)) - high);
    let bits = t.to_bits();
    let half = bits.shr_logical::<1>();
    p * F64x2::from_bits(half.shl::<52>()) * F64x2::from_bits((bits - half).shl::<52>())
}
