//! The inverses of sine and cosine in f32, computed in f64.
//!
//! `asin t = t + t³·P(t²)` up to ½. Beyond, `asin a = π/2 − 2·asin √((1 − a)/2)`, whose square
//! root is at most ½; and `acos x = π/2 − asin x`, without the difference where it is small.
//! Beyond 1 the root is NaN. Constants: `tools/minimax.py asin`.

use core::f64::consts::FRAC_PI_2;

use adjoint_simd::F32x4;

use super::constants::{Constant64, k64s, polys64};
use crate::algebra::{Algebra, F32s, F64s, Ring};

/// Largest error in units of the last place.
pub const MAX_ULP: f64 = 0.501;

/// `(asin t − t) / t³` by powers of `t²`, up to ½; error 1.6e−11 of `asin t`, which is 0.0003 units.
static POLY: [Constant64; 7] = Constant64::each([
    0.034_646_437_564_364_585,
    7.509_364_333_224_279e-3,
    0.024_604_754_244_075_745,
    0.030_112_517_425_000_627,
    0.044_659_972_907_498_13,
    0.074_999_488_945_675_17,
    0.166_666_671_802_902_5,
]);

/// The angle in [−π/2, π/2] whose sine is `x`; −0 gives −0.
#[inline(always)]
pub fn asin<const K: usize>(x: F32s<K>) -> F32s<K> {
    F32s(x.abs().0.map(asin_of_size)).xor_sign(x)
}

/// The angle in [0, π] whose cosine is `x`.
#[inline(always)]
pub fn acos<const K: usize>(x: F32s<K>) -> F32s<K> {
    F32s(x.0.map(acos_of_vector))
}

#[inline(never)]
fn asin_of_size(a: F32x4) -> F32x4 {
    let (is_large, p) = asin_of_part(F64s::from_f32(a));
    // p, or π/2 − 2p.
    let factor = (is_large & k64s!(between(1.0, -2.0))) ^ k64s!(1.0);
    factor.mul_add(p, is_large & k64s!(FRAC_PI_2)).to_f32()
}

#[inline(never)]
fn acos_of_vector(x: F32x4) -> F32x4 {
    let x = F64s::from_f32(x);
    let (is_large, p) = asin_of_part(x.abs());
    // π/2 ∓ p, or 2p for positive and π − 2p for negative numbers.
    let (sign, right_angle) = (x & k64s!(-0.0), k64s!(FRAC_PI_2));
    let factor = (is_large & k64s!(between(-1.0, 2.0))) ^ k64s!(-1.0) ^ sign;
    factor.mul_add(p, right_angle - ((is_large & right_angle) ^ sign)).to_f32()
}

/// The bits in which two numbers differ.
const fn between(a: f64, b: f64) -> f64 {
    f64::from_bits(a.to_bits() ^ b.to_bits())
}

/// For `a` that is not negative: all bits where it is above ½; `asin a` where it is not, and `asin
/// √((1 − a)/2)` where it is.
#[inline(always)]
fn asin_of_part(a: F64s<2>) -> (F64s<2>, F64s<2>) {
    let half = k64s!(0.5);
    // The smaller is the one wanted; a² is exact in f64, and so is its root.
    let square = (a * a).pmin(half - half * a);
    let t = square.sqrt();
    (half.lt(a).to_floats(), (t * square).mul_add(polys64(square, &POLY), t))
}
