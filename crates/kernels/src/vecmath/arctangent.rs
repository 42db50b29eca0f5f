//! The angle of a point, and the inverse of the tangent, in f32, computed in f64.
//!
//! Of `|x|` and `|y|` the smaller `u` over the larger `v` is the tangent of an angle up to π/4;
//! above π/8 it is π/4 and the angle whose tangent is `(u − v) / (u + v)`. So there is one
//! division, and `atan t = t + t³·P(t²)` for `|t| ≤ tan π/8`. Constants: `tools/minimax.py atan`.

use core::f64::consts::{FRAC_PI_2, FRAC_PI_4, SQRT_2};

use adjoint_simd::F32x4;

use super::constants::{Constant64, k64s, polys64};
use crate::algebra::{Algebra, F32s, F64s, Ring};

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
    let x = F64s::from_f32(x);
    let (is_steep, angle) = angle_to_axis(x.abs(), k64s!(1.0));
    let sign = k64s!(-0.0);
    // The angle, or a right angle less it.
    (((is_steep & k64s!(FRAC_PI_2)) + (angle ^ (is_steep & sign))) ^ (x & sign)).to_f32()
}

#[inline(never)]
fn atan2_of_vectors(y: F32x4, x: F32x4) -> F32x4 {
    let (y, x) = (F64s::from_f32(y), F64s::from_f32(x));
    // 0 over 0 is 0, and so is what is as near to nothing as 1 / FAR.
    let (is_steep, angle) = angle_to_axis(y.abs(), x.abs().pmin(k64s!(FAR)).pmax(k64s!(1.0 / FAR)));
    let (sign, right_angle) = (k64s!(-0.0), k64s!(FRAC_PI_2));
    let left = x & sign;
    // From the upper axis, or from the right or the left one: 0 or π, which is twice π/2.
    let flat = right_angle ^ left;
    let axis = right_angle - (flat ^ (flat & is_steep));
    ((axis + (angle ^ (is_steep & sign) ^ left)) ^ (y & sign)).to_f32()
}

/// Of a point with coordinates of which neither is negative, nor `x` 0 or infinite: all bits where
/// it is nearer to the axis of `y`, and the angle to the nearer axis. NaN stays: comparisons with it
/// are false, and both selections keep it.
#[inline(always)]
fn angle_to_axis(y: F64s<2>, x: F64s<2>) -> (F64s<2>, F64s<2>) {
    let y = y.pmin(k64s!(FAR));
    let (u, v) = (y.pmin(x), x.pmax(y));
    let is_wide = (v * k64s!(SQRT_2 - 1.0)).lt(u).to_floats();
    let t = (u - (is_wide & v)) / (v + (is_wide & u));
    let square = t * t;
    let angle = (is_wide & k64s!(FRAC_PI_4)) + (t * square).mul_add(polys64(square, &POLY), t);
    (x.lt(y).to_floats(), angle)
}
