//! The inverses of sine and cosine in f32, computed in f64.
//!
//! `asin t = t + t³·P(t²)` up to ½. Beyond, `asin a = π/2 − 2·asin √((1 − a)/2)`, whose square
//! root is at most ½; and `acos x = π/2 − asin x`, without the difference where it is small.
//! Beyond 1 the root is NaN. Constants: `tools/minimax.py asin`.

use core::f64::consts::{FRAC_PI_2, PI};

use adjoint_simd::{F32x4, F64x2, M64x2};

use super::constants::{Constant64, k64, poly64};
use crate::algebra::F32s;

/// Largest error in units of the last place.
pub const MAX_ULP: f64 = 0.501;

/// `(asin t − t) / t³` by powers of `t²`, up to ½; error 9.7e−13 of `asin t`.
static POLY: [Constant64; 8] = Constant64::each([
    0.032_896_595_114_081_044,
    1.993_234_075_272_051e-3,
    0.020_641_049_765_378_495,
    0.021_866_754_746_374_353,
    0.030_426_412_932_669_115,
    0.044_640_714_040_807_335,
    0.075_000_049_655_116_57,
    0.166_666_666_274_788_07,
]);

/// The angle in [−π/2, π/2] whose sine is `x`; −0 gives −0.
#[inline(always)]
pub fn asin<const K: usize>(x: F32s<K>) -> F32s<K> {
    F32s(x.0.map(asin_of_vector))
}

/// The angle in [0, π] whose cosine is `x`.
#[inline(always)]
pub fn acos<const K: usize>(x: F32s<K>) -> F32s<K> {
    F32s(x.0.map(acos_of_vector))
}

#[inline(never)]
fn asin_of_vector(x: F32x4) -> F32x4 {
    let (lo, hi) = x.to_f64();
    F64x2::to_f32(asin64(lo), asin64(hi))
}

#[inline(never)]
fn acos_of_vector(x: F32x4) -> F32x4 {
    let (lo, hi) = x.to_f64();
    F64x2::to_f32(acos64(lo), acos64(hi))
}

#[inline(always)]
fn asin64(x: F64x2) -> F64x2 {
    let (is_small, p) = asin_of_part(x);
    F64x2::select(is_small, p, k64!(FRAC_PI_2) - (p + p)) ^ (x & k64!(-0.0))
}

#[inline(always)]
fn acos64(x: F64x2) -> F64x2 {
    let (is_small, p) = asin_of_part(x);
    let sign = x & k64!(-0.0);
    // π/2 ∓ p, 2p, or π − 2p.
    let large = F64x2::select(x.lt(F64x2::splat(0.0)), k64!(PI), F64x2::splat(0.0)) + ((p + p) ^ sign);
    F64x2::select(is_small, k64!(FRAC_PI_2) - (p ^ sign), large)
}

/// Whether `|x| ≤ ½`, and `asin |x|` there, `asin √((1 − |x|)/2)` elsewhere.
#[inline(always)]
fn asin_of_part(x: F64x2) -> (M64x2, F64x2) {
    let (a, half) = (x.abs(), k64!(0.5));
    let is_small = a.le(half);
    let square = F64x2::select(is_small, a * a, half - half * a);
    let t = F64x2::select(is_small, a, square.sqrt());
    (is_small, (t * square).mul_add(poly64(square, &POLY), t))
}
