//! The tangent in f32, computed in f64.
//!
//! `x = n·π/2 + r` with `|r| ≤ π/4` and `tan r = r·P(r²) / Q(r²)`; for odd `n` it is `−1 / tan r`,
//! the same quotient upside down, so that one division does for both. π/2 is in two parts, the
//! first of 33 bits, of which products with `n` are exact up to [`LIMIT`]; beyond it the standard
//! library answers. Constants: `tools/minimax.py tan`.

use adjoint_simd::{F32x4, F64x2};

use super::constants::{Constant64, k64s, polys64};
use super::lanes;
use crate::algebra::{Algebra, F32s, F64s, Ring};

/// Largest error in units of the last place.
pub const MAX_ULP: f64 = 0.501;

/// The largest argument reduced here.
const LIMIT: f32 = 1_048_576.0;

/// 1.5·2⁵²: adding it rounds a smaller number to an integer, which lands in the low bits.
const ROUNDER: f64 = 6_755_399_441_055_744.0;

/// The upper 33 bits of π/2.
const HIGH: f64 = 1.570_796_326_734_125_6;
/// π/2 − [`HIGH`].
const LOW: f64 = 6.077_100_506_506_192e-11;

/// With [`BELOW`], `tan r / r` by powers of `r²`; relative error 2.4e−14.
static ABOVE: [Constant64; 3] =
    Constant64::each([2.032_851_842_974_559_5e-3, -0.121_344_505_389_193_22, 0.999_999_999_999_976_1]);
static BELOW: [Constant64; 4] =
    Constant64::each([-9.747_514_536_763_324e-5, 0.020_258_798_131_025_015, -0.454_677_838_725_139_84, 1.0]);

/// The tangent of `x` radians; NaN at ±∞; −0 gives −0.
#[inline(always)]
pub fn tan<const K: usize>(x: F32s<K>) -> F32s<K> {
    F32s(x.0.map(of_vector))
}

#[inline(never)]
fn of_vector(x: F32x4) -> F32x4 {
    let y = tan64(F64s::from_f32(x)).to_f32();
    let large = F32x4::splat(LIMIT).lt(x.abs());
    if large.any() { F32x4::select(large, lanes::unary(F32s([x]), f64::tan).0[0], y) } else { y }
}

#[inline(always)]
fn tan64(x: F64s<2>) -> F64s<2> {
    let t = x.mul_add(k64s!(core::f64::consts::FRAC_2_PI), k64s!(ROUNDER));
    let n = t - k64s!(ROUNDER);
    let r = n.neg_mul_add(k64s!(LOW), n.neg_mul_add(k64s!(HIGH), x));
    let square = r * r;
    let (above, below) = (r * polys64(square, &ABOVE), polys64(square, &BELOW));
    let sign = F64s(t.0.map(|t| F64x2::from_bits(t.to_bits().shl::<63>())));
    // Exchanged where n is odd.
    let exchange = (sign | k64s!(1.0)).lt(F64s::splat(0.0)).to_floats() & (above ^ below);
    ((above ^ exchange) / (below ^ exchange)) ^ sign
}
