//! The logarithm of the gamma function in f32, computed in f64.
//!
//! From 2.5 on Stirling's formula, `(a − ½)(log a − 1) + ½ log 2π − ½ + S(1/a²)/a`, with a
//! polynomial that is fitted down to there instead of the series. Below, `log Γ(2 + w) = w·N(w)`
//! for `|w| ≤ ½`, less the logarithm of what `Γ(x + 1) = xΓ(x)` brings; the zeros at 1 and 2 are
//! zeros of its terms. So there is one logarithm. Below 0 the reflection `Γ(x)Γ(1 − x) = π/sin πx`
//! with `sin πr = πr·P(r²)` takes another; near the zeros there the error is absolute, not
//! relative, as in PyTorch. Constants: `tools/minimax.py lgamma`.

use adjoint_simd::{F32x4, F64x2};

use super::constants::{Constant64, k64, poly64};
use super::f64::ROUNDER;
use super::f64::log::log_of_normal;
use crate::algebra::F32s;

/// Largest error in units of the last place, but near zeros below 0.
pub const MAX_ULP: f64 = 0.501;

/// What Stirling's formula lacks, times `a`, by powers of `1/a²`; error 9.8e−16 of the result.
static STIRLING: [Constant64; 9] = Constant64::each([
    5.505_408_065_551_881_5e-3,
    -6.246_417_078_663_843_4e-3,
    3.648_565_043_169_402_4e-3,
    -1.667_015_279_744_580_1e-3,
    8.258_228_788_510_312e-4,
    -5.945_750_917_819_614e-4,
    7.936_341_839_184_348e-4,
    -2.777_777_560_941_309e-3,
    0.083_333_333_332_278_76,
]);

/// `log Γ(2 + w) / w` for `|w| ≤ ½`; relative error 7.3e−16.
static NEAR_TWO: [Constant64; 16] = Constant64::each([
    1.298_008_275_713_436_7e-6,
    -2.552_688_345_587_846e-6,
    4.178_449_005_713_133e-6,
    -9.222_610_956_560_57e-6,
    2.056_442_785_090_471_4e-5,
    -4.497_284_155_088_018e-5,
    9.944_820_442_939_475e-5,
    -2.231_492_659_151_276_3e-4,
    5.096_703_754_299_927e-4,
    -1.192_754_261_101_585_7e-3,
    2.890_510_289_676_454e-3,
    -7.385_551_017_810_550_5e-3,
    0.020_580_808_428_675_074,
    -0.067_352_301_053_326_18,
    0.322_467_033_424_107_54,
    0.422_784_335_098_467_4,
]);

/// `sin πr / πr` by powers of `r²`, for `|r| ≤ ½`; relative error 1.5e−16.
static SINE: [Constant64; 8] = Constant64::each([
    -6.726_094_032_482_545e-6,
    1.483_276_025_420_527e-4,
    -2.346_059_674_078_656_7e-3,
    0.026_147_845_328_536_666,
    -0.190_751_823_966_219_65,
    0.811_742_425_278_698_7,
    -1.644_934_066_848_179,
    1.0,
]);

/// `½ log 2π − ½`.
const STIRLING_CONSTANT: f64 = 0.418_938_533_204_672_7;

/// `log |Γ(x)|`: infinite at 0, −1, −2, … and at both infinities.
#[inline(always)]
pub fn lgamma<const K: usize>(x: F32s<K>) -> F32s<K> {
    F32s(x.0.map(of_vector))
}

#[inline(never)]
fn of_vector(x: F32x4) -> F32x4 {
    let size = x.abs();
    let (lo, hi) = size.to_f64();
    let (y0, y1) = (of_positive(lo), of_positive(hi));
    let mut y = F64x2::to_f32(y0, y1);
    let is_negative = x.lt(F32x4::splat(0.0));
    if is_negative.any() {
        y = F32x4::select(is_negative, reflected(lo, y0, hi, y1), y);
    }
    // Of 0 and ∞ infinite, of NaN NaN.
    let usual = F32x4::splat(0.0).lt(size) & size.lt(F32x4::splat(f32::INFINITY));
    if usual.all() { y } else { F32x4::select(usual, y, size + F32x4::splat(f32::INFINITY)) }
}

/// For finite `a` above 0.
#[inline(always)]
fn of_positive(a: F64x2) -> F64x2 {
    let (one, half) = (k64!(1.0), k64!(0.5));
    let is_large = k64!(2.5).le(a);
    // The logarithm of a, of nothing, of a, or of a·(a + 1).
    let (is_low, is_lowest) = (a.lt(k64!(1.5)), a.lt(half));
    let w = a - F64x2::select(is_low, F64x2::select(is_lowest, F64x2::splat(0.0), one), k64!(2.0));
    let product = F64x2::select(is_lowest, a.mul_add(a, a), a);
    let log = log_of_normal(F64x2::select(is_large | is_low, product, one));
    let r = one / a;
    let stirling = r.mul_add(poly64(r * r, &STIRLING), k64!(STIRLING_CONSTANT));
    let large = (a - half).mul_add(log - one, stirling);
    F64x2::select(is_large, large, w * poly64(w, &NEAR_TWO) - log)
}

/// The results at `−a` and `−b`, from those at `a` and `b`.
#[inline(never)]
fn reflected(a: F64x2, y: F64x2, b: F64x2, z: F64x2) -> F32x4 {
    let of = |a: F64x2, y: F64x2| {
        let r = (a - ((a + k64!(ROUNDER)) - k64!(ROUNDER))).abs();
        let sine = r * poly64(r * r, &SINE);
        let y = -(log_of_normal(sine * a) + y);
        F64x2::select(r.eq(F64x2::splat(0.0)), k64!(f64::INFINITY), y)
    };
    F64x2::to_f32(of(a, y), of(b, z))
}
