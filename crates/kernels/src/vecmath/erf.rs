//! The error function in f32.
//!
//! Up to 1, `x + x·P(x²)`; beyond, `1 − e^Q(x)`, where `Q` is `log erfc` up to 3.92, above which
//! the result rounds to 1. Errors of the exponential are as small as what it takes off 1, so the
//! bound holds with the plainest version of it: its argument stays in −17 … −1.8. Constants:
//! `tools/minimax.py erf_small erf_large`.

use super::constants::{Constant, k, poly};
use super::exp::exp_without_limits;
use crate::algebra::{Algebra, F32s, Ring};

/// Largest error in units of the last place.
pub const MAX_ULP: f64 = 1.5;

/// `erf(x) / x − 1` in `x²`.
static SMALL: [Constant; 7] = Constant::each([
    7.806_904e-5,
    -7.997_853e-4,
    5.187_162e-3,
    -2.685_334_7e-2,
    1.128_357_9e-1,
    -3.761_262_6e-1,
    1.283_791_7e-1,
]);

/// `log erfc(x)`.
static LARGE: [Constant; 7] = Constant::each([
    1.863_789_4e-4,
    -2.947_634_8e-3,
    2.183_793_1e-2,
    -1.031_064_24e-1,
    -6.381_452_7e-1,
    -1.127_088_9,
    -3.415_945_7e-4,
]);

/// The error function: ±1 at ±∞; −0 gives −0.
#[inline(always)]
pub fn erf<const K: usize>(x: F32s<K>) -> F32s<K> {
    let one = k!(1.0);
    let a = x.abs().pmin(k!(3.92));
    let small = a.mul_add(poly(a * a, &SMALL), a);
    let large = one - exp_without_limits(poly(a, &LARGE));
    F32s::select(a.lt(one), small, large).xor_sign(x)
}
