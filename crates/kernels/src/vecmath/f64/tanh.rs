//! The hyperbolic tangent in f64, two lanes at a time.
//!
//! As in [`exp`](super::exp()), `e^2x = 2^n · (G + r) / (G − r)` with `G = r·coth(r/2)`. Up to ½ it
//! is `r / G` for `r = 2|x|`, beyond 1 less `2 / (e^2x + 1)`, which is at most ½ there; either way
//! the one division there is. Constants: `tools/minimax.py tanh64`.

use adjoint_simd::F64x2;

use super::ROUNDER;
use super::exp::{LN_2_HIGH, LN_2_LOW};
use crate::vecmath::constants::{Constant64, k64, poly64};

/// Largest error in units of the last place.
pub const MAX_ULP: f64 = 2.0;

/// `(r·coth(r/2) − 2) / r²` by powers of `r²`, for `|r| ≤ 1.1`; error 3.4e−19 of `r·coth(r/2)`.
static POLY: [Constant64; 8] = Constant64::each([
    -5.921_891_034_484_862e-13,
    2.657_757_551_833_8e-11,
    -1.056_614_656_101_849_5e-9,
    4.175_335_880_012_603e-8,
    -1.653_439_090_460_276e-6,
    6.613_756_612_340_61e-5,
    -2.777_777_777_776_237e-3,
    0.166_666_666_666_666_6,
]);

/// The hyperbolic tangent: ±1 beyond ±19.07; −0 gives −0.
#[inline(never)]
pub fn tanh(x: F64x2) -> F64x2 {
    const BIASED: f64 = ROUNDER + 1023.0;
    let one = k64!(1.0);
    // tanh 20 rounds to 1.
    let a = x.abs().pmin(k64!(20.0));
    let a = a + a;
    let is_small = a.lt(k64!(1.1));
    let t = F64x2::select(is_small, k64!(BIASED), a.mul_add(k64!(core::f64::consts::LOG2_E), k64!(BIASED)));
    let n = t - k64!(BIASED);
    let r = n.neg_mul_add(k64!(LN_2_LOW), n.neg_mul_add(k64!(LN_2_HIGH), a));
    let g = (r * r).mul_add(poly64(r * r, &POLY), k64!(2.0));
    // 2 / (e^2x + 1) = 2·(g − r) / ((p + 1)·g + (p − 1)·r) for the power p of two.
    let p = F64x2::from_bits(t.to_bits().shl::<52>());
    let sum = (p + one).mul_add(g, (p - one) * r);
    let quotient = F64x2::select(is_small, r, k64!(2.0) * (r - g)) / F64x2::select(is_small, g, sum);
    (F64x2::select(is_small, F64x2::splat(0.0), one) + quotient) | (x & k64!(-0.0))
}
