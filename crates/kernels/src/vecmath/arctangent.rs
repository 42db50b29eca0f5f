//! The angle of a point, and the inverse of the tangent, in f32, computed in f64.
//!
//! Of `|x|` and `|y|` the smaller `u` over the larger `v` is the tangent of an angle up to π/4;
//! above π/8 it is π/4 and the angle whose tangent is `(u − v) / (u + v)`. So there is one
//! division, and `atan t = t + t³·P(t²)` for `|t| ≤ tan π/8`. Constants: `tools/minimax.py atan`.

use core::f64::consts::{FRAC_PI_2, FRAC_PI_4, SQRT_2};

use adjoint_simd::{F32x4, F64x2, M64x2};

use super::constants::{Constant64, k64, poly64};
use crate::algebra::F32s;

/// Largest error in units of the last place.
pub const MAX_ULP: f64 = 0.501;

/// `(atan t − t) / t³` by powers of `t²`, up to tan π/8; error 7.9e−13 of `atan t`.
static POLY: [Constant64; 7] = Constant64::each([
    -0.037_922_829_795_169_574,
    0.069_911_349_144_417_14,
    -0.089_968_222_484_270_06,
    0.111_040_019_688_662_24,
    -0.142_854_235_196_870_2,
    0.199_999_943_238_061_03,
    -0.333_333_332_957_050_4,
]);

/// Larger than any f32, but not infinite: so ∞ is as far as itself.
const FAR: f64 = 1e300;

/// The angle in [−π/2, π/2] whose tangent is `x`; −0 gives −0.
#[inline(always)]
pub fn atan<const K: usize>(x: F32s<K>) -> F32s<K> {
    F32s(x.0.map(atan_of_vector))
}

/// The angle of the point (`x`, `y`) in [−π, π]; the signs of zeros count, as in C.
#[inline(always)]
pub fn atan2<const K: usize>(y: F32s<K>, x: F32s<K>) -> F32s<K> {
    F32s(core::array::from_fn(|i| atan2_of_vectors(y.0[i], x.0[i])))
}

#[inline(never)]
fn atan_of_vector(x: F32x4) -> F32x4 {
    let (lo, hi) = x.to_f64();
    F64x2::to_f32(atan64(lo), atan64(hi))
}

#[inline(never)]
fn atan2_of_vectors(y: F32x4, x: F32x4) -> F32x4 {
    let ((y0, y1), (x0, x1)) = (y.to_f64(), x.to_f64());
    F64x2::to_f32(atan2_64(y0, x0), atan2_64(y1, x1))
}

#[inline(always)]
fn atan64(x: F64x2) -> F64x2 {
    angle_above(x.abs(), k64!(1.0)) ^ (x & k64!(-0.0))
}

#[inline(always)]
fn atan2_64(y: F64x2, x: F64x2) -> F64x2 {
    let (sign, right_angle) = (k64!(-0.0), k64!(FRAC_PI_2));
    // 0 over 0 is 0, and so is what is as near to nothing as 1 / FAR.
    let angle = angle_above(y.abs(), x.abs().pmin(k64!(FAR)).pmax(k64!(1.0 / FAR)));
    // On the left side π less the angle.
    let left = x & sign;
    ((right_angle - (right_angle | left)) + (angle ^ left)) ^ (y & sign)
}

/// The angle of a point with coordinates of which neither is negative, nor `x` 0 or infinite.
/// NaN stays: comparisons with it are false, and both selections keep it.
#[inline(always)]
fn angle_above(y: F64x2, x: F64x2) -> F64x2 {
    let y = y.pmin(k64!(FAR));
    let is_steep = bits(x.lt(y));
    let (u, v) = (y.pmin(x), x.pmax(y));
    let is_wide = bits((v * k64!(SQRT_2 - 1.0)).lt(u));
    let one = is_wide & k64!(1.0);
    let t = one.neg_mul_add(v, u) / one.mul_add(u, v);
    let square = t * t;
    let angle = (is_wide & k64!(FRAC_PI_4)) + (t * square).mul_add(poly64(square, &POLY), t);
    (is_steep & k64!(FRAC_PI_2)) + (angle ^ (is_steep & k64!(-0.0)))
}

/// All bits where the mask holds.
#[inline(always)]
fn bits(mask: M64x2) -> F64x2 {
    F64x2::from_bits(mask.to_bits())
}
