//! The angle of a point, and the inverse of the tangent, in f32, computed in f64.
//!
//! Of `|x|` and `|y|` the smaller `u` over the larger `v` is the tangent of an angle up to π/4;
//! above π/8 it is π/4 and the angle whose tangent is `(u − v) / (u + v)`. So there is one
//! division, and `atan t = t + t³·P(t²)` for `|t| ≤ tan π/8`. Constants: `tools/minimax.py atan`.

use core::array::from_fn;
use core::f64::consts::{FRAC_PI_2, FRAC_PI_4, SQRT_2};

use adjoint_simd::F32x4;

use super::constants::{Constant64, k64s, polys64};
use crate::algebra::{Algebra, F32s, F64s, Ring};

/// Largest error in units of the last place.
pub const MAX_ULP: f64 = 0.501;

/// `(atan t − t) / t³` by powers of `t²`, up to tan π/8; error 2.3e−11 of `atan t`, which is 0.0004
/// units.
static POLY: [Constant64; 6] = Constant64::each([
    0.047_438_448_199_628_7,
    -0.084_761_742_078_632_73,
    0.110_446_752_412_773_74,
    -0.142_820_064_884_548_32,
    0.199_999_038_656_020_62,
    -0.333_333_324_986_760_16,
]);

/// Larger than any f32, but not infinite: so ∞ is as far as itself.
const FAR: f64 = 1e300;

/// The angle in [−π/2, π/2] whose tangent is `x`; −0 gives −0.
#[inline(always)]
pub fn atan<const K: usize>(x: F32s<K>) -> F32s<K> {
    F32s(x.abs().0.map(atan_of_size)).xor_sign(x)
}

/// The angle of the point (`x`, `y`) in [−π, π]; the signs of zeros count, as in C.
#[inline(always)]
pub fn atan2<const K: usize>(y: F32s<K>, x: F32s<K>) -> F32s<K> {
    let size = y.abs();
    F32s(from_fn(|i| atan2_of_size(size.0[i], x.0[i]))).xor_sign(y)
}

#[inline(never)]
fn atan_of_size(a: F32x4) -> F32x4 {
    let (is_steep, angle) = angle_to_axis(F64s::from_f32(a), k64s!(1.0));
    // The angle, or a right angle less it.
    ((is_steep & k64s!(FRAC_PI_2)) + (angle ^ (is_steep & k64s!(-0.0)))).to_f32()
}

#[inline(never)]
fn atan2_of_size(y: F32x4, x: F32x4) -> F32x4 {
    let (y, x) = (F64s::from_f32(y), F64s::from_f32(x));
    // 0 over 0 is 0, and so is what is as near to nothing as 1 / FAR.
    let (is_steep, angle) = angle_to_axis(y, x.abs().pmin(k64s!(FAR)).pmax(k64s!(1.0 / FAR)));
    let (sign, right_angle) = (k64s!(-0.0), k64s!(FRAC_PI_2));
    let left = x & sign;
    // From the upper axis, or from the right or the left one: 0 or π, which is twice π/2.
    let flat = right_angle ^ left;
    let axis = right_angle - (flat ^ (flat & is_steep));
    (axis + (angle ^ (is_steep & sign) ^ left)).to_f32()
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
