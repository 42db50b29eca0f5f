//! Sine and cosine in f64, two lanes at a time.
//!
//! `x = n·π/2 + r` with `|r| ≤ π/4`; of the series of sine and cosine the last two bits of `n` say
//! which, and its sign. π/2 is in three parts, of which products with `n` are exact but the last,
//! and what the differences round away comes back as the tail of `r`. Beyond [`LIMIT`] the standard
//! library answers. Constants: `tools/minimax.py sine64`.

use adjoint_simd::F64x2;

use super::ROUNDER;
use crate::vecmath::constants::{Constant64, k64, poly64};

/// Largest error in units of the last place.
pub const MAX_ULP: f64 = 1.0;

/// The largest argument reduced here.
const LIMIT: f64 = 1e6;

/// π/2 in three parts: 33 bits, 33 bits and the rest.
const PI_2: [f64; 3] = [1.570_796_326_734_125_6, 6.077_100_506_303_966e-11, 2.022_266_248_795_950_6e-21];

/// `(sin r − r) / r³` by powers of `r²`; error 3.6e−18 of the sine.
static SINE: [Constant64; 6] = Constant64::each([
    1.589_619_813_353_592_2e-10,
    -2.505_074_722_533_497e-8,
    2.755_731_361_804_960_7e-6,
    -1.984_126_982_958_019_6e-4,
    8.333_333_333_322_108e-3,
    -0.166_666_666_666_666_3,
]);

/// `(cos r − 1 + r²/2) / r⁴` by powers of `r²`; error 4.7e−20.
static COSINE: [Constant64; 6] = Constant64::each([
    -1.135_964_835_295_377_2e-11,
    2.087_572_328_411_014_5e-9,
    -2.755_731_435_241_435_6e-7,
    2.480_158_728_948_247e-5,
    -1.388_888_888_887_412_5e-3,
    0.041_666_666_666_666_6,
]);

/// The sine of `x` radians; NaN at ±∞; −0 gives −0.
#[inline(never)]
pub fn sin(x: F64x2) -> F64x2 {
    let y = sine_of_quadrants(x.abs(), 0.0) ^ (x & k64!(-0.0));
    or_slowly(x, y, f64::sin)
}

/// The cosine of `x` radians; NaN at ±∞.
#[inline(never)]
pub fn cos(x: F64x2) -> F64x2 {
    or_slowly(x, sine_of_quadrants(x.abs(), 1.0), f64::cos)
}

/// `y`, or `f` of arguments that are too large.
#[inline(always)]
fn or_slowly(x: F64x2, y: F64x2, f: fn(f64) -> f64) -> F64x2 {
    let large = k64!(LIMIT).lt(x.abs());
    if large.any() { F64x2::select(large, F64x2::from_array(x.to_array().map(f)), y) } else { y }
}

/// `sin(x + quadrants·π/2)` for `0 ≤ x ≤ LIMIT`.
#[inline(always)]
fn sine_of_quadrants(x: F64x2, quadrants: f64) -> F64x2 {
    let t = x.mul_add(k64!(core::f64::consts::FRAC_2_PI), k64!(ROUNDER));
    let n = t - k64!(ROUNDER);
    let first = n.neg_mul_add(k64!(PI_2[0]), x);
    let part = n * k64!(PI_2[1]);
    let second = first - part;
    let lost = (first - second) - part;
    let rest = n.mul_add(k64!(PI_2[2]), -lost);
    let r = second - rest;
    let tail = (second - r) - rest;
    let square = r * r;
    let half = square * k64!(0.5);
    // cos(r + tail) and sin(r + tail), the large terms last.
    let whole = k64!(1.0) - half;
    let small = ((k64!(1.0) - whole) - half) + (square * square).mul_add(poly64(square, &COSINE), -(r * tail));
    let cosine = whole + small;
    let sine = r + (r * square).mul_add(poly64(square, &SINE), whole * tail);
    let quadrant = (t + F64x2::splat(quadrants)).to_bits();
    let is_odd = (F64x2::from_bits(quadrant.shl::<63>()) | k64!(1.0)).lt(F64x2::splat(0.0));
    let sign = F64x2::from_bits(quadrant.shl::<62>()) & k64!(-0.0);
    F64x2::select(is_odd, cosine, sine) ^ sign
}
