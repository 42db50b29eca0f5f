//! Powers in f64.
//!
//! `x^y = 2^(y · log₂ x)` with the logarithm and the product in two f64 each, the first with so few
//! bits that its products are exact. Source: FreeBSD, `msun/src/e_pow.c` (© 1993 Sun Microsystems,
//! permission to use freely granted), without its branches: two lanes at a time. Where an operand
//! or the result is zero, denormal, infinite or NaN, the standard library answers.

use adjoint_simd::{F64x2, M64x2};

use crate::vecmath::constants::{Constant64, k64, poly64};

/// Largest error in units of the last place.
pub const MAX_ULP: f64 = 0.8;

/// The bits of √3 / 2.
const SQRT_THREE_QUARTERS: u64 = 0x3feb_b67a_e858_4caa;
const TWO_52: f64 = 4_503_599_627_370_496.0;
/// 1.5·2⁵²: adding it rounds a smaller number to an integer, which lands in the low bits.
const ROUNDER: f64 = 1.5 * TWO_52;

static LOGARITHM: [Constant64; 6] = Constant64::each([
    2.069_750_178_003_384_2e-1,
    2.306_607_457_755_617_5e-1,
    2.727_281_238_085_34e-1,
    3.333_333_298_183_774_3e-1,
    4.285_714_285_785_502e-1,
    5.999_999_999_999_946e-1,
]);

static EXPONENTIAL: [Constant64; 5] = Constant64::each([
    4.138_136_797_057_238_5e-8,
    -1.653_390_220_546_525_2e-6,
    6.613_756_321_437_934e-5,
    -2.777_777_777_701_559_3e-3,
    1.666_666_666_666_660_2e-1,
]);

/// `x` to the power `y`.
#[inline(never)]
pub fn pow(x: F64x2, y: F64x2) -> F64x2 {
    let size = x.abs();
    let (power, exponent) = pow_of_positive(size, y);
    // The logarithm is as exact for its size near 1 as elsewhere, so its product is all that counts.
    let usual = k64!(f64::MIN_POSITIVE).le(size) & size.lt(k64!(f64::INFINITY)) & exponent.abs().lt(k64!(1021.0));
    if !usual.all() {
        let (x, y) = (x.to_array(), y.to_array());
        return F64x2::from_array([x[0].powf(y[0]), x[1].powf(y[1])]);
    }
    if F64x2::splat(0.0).lt(x).all() { power } else { signed(x, y, power) }
}

/// The power of finite `x` that are not 0, from that of `|x|`.
#[inline(never)]
fn signed(x: F64x2, y: F64x2, power: F64x2) -> F64x2 {
    let half = y * F64x2::splat(0.5);
    let is_whole = y.trunc().eq(y);
    let is_odd = is_whole & half.trunc().ne(half);
    let with_sign = F64x2::select(is_odd, power ^ (x & F64x2::splat(-0.0)), power);
    let has_none: M64x2 = x.lt(F64x2::splat(0.0)) & !is_whole;
    let power = F64x2::select(has_none, F64x2::splat(f64::NAN), with_sign);
    F64x2::select(y.eq(F64x2::splat(0.0)), F64x2::splat(1.0), power)
}

/// The upper half of the bits, of which products are exact.
#[inline(always)]
fn high(x: F64x2) -> F64x2 {
    x & k64!(f64::from_bits(0xffff_ffff_0000_0000))
}

/// `x^y` and `y · log₂ x`, for normal `x` and a normal result.
#[inline(always)]
fn pow_of_positive(x: F64x2, y: F64x2) -> (F64x2, F64x2) {
    let (one, zero) = (k64!(1.0), F64x2::splat(0.0));
    // x = 2^n · m with √¾ ≤ m < √3, and m is near 1 or near 1.5.
    let bits = x.to_bits() - k64!(f64::from_bits(SQRT_THREE_QUARTERS.wrapping_sub(1024 << 52))).to_bits();
    let n = F64x2::from_bits(bits.shr_logical::<52>() | k64!(TWO_52).to_bits()) - k64!(TWO_52 + 1024.0);
    let m = (F64x2::from_bits(bits) & k64!(f64::from_bits((1 << 52) - 1))).to_bits()
        + k64!(f64::from_bits(SQRT_THREE_QUARTERS)).to_bits();
    let m = F64x2::from_bits(m);
    let upper = k64!(1.224_744_871_391_589).lt(m);
    let base = F64x2::select(upper, k64!(1.5), one);
    // log₂ of the base, in two parts.
    let base_high = F64x2::select(upper, k64!(5.849_624_872_207_642e-1), zero);
    let base_low = F64x2::select(upper, k64!(1.350_039_202_129_749e-8), zero);
    // s = (m − base) / (m + base), in two parts.
    let (u, v) = (m - base, one / (m + base));
    let s = u * v;
    let s_high = high(s);
    let sum_high = high(m + base);
    let sum_low = m - (sum_high - base);
    let s_low = v * ((u - s_high * sum_high) - s_high * sum_low);
    // The logarithm of m / base in units of ⅔ / ln 2.
    let square = s * s;
    let r = square * square * poly64(square, &LOGARITHM) + s_low * (s_high + s);
    let square = s_high * s_high;
    let t_high = high(k64!(3.0) + square + r);
    let t_low = r - ((t_high - k64!(3.0)) - square);
    let (u, v) = (s_high * t_high, s_low * t_high + t_low * s);
    let p_high = high(u + v);
    let p_low = v - (p_high - u);
    let z_high = k64!(9.617_967_009_544_373e-1) * p_high;
    let z_low = k64!(-7.028_461_650_952_758e-9) * p_high + p_low * k64!(9.617_966_939_259_756e-1) + base_low;
    let log_high = high(((z_high + z_low) + base_high) + n);
    let log_low = z_low - (((log_high - n) - base_high) - z_high);
    // Its product with y, likewise.
    let y_high = high(y);
    let p_low = (y - y_high) * log_high + y * log_low;
    let p_high = y_high * log_high;
    let exponent = p_low + p_high;
    // 2^(p_high + p_low). Where the exponent is too large the result is not used.
    let t = exponent + k64!(ROUNDER + 1023.0);
    let p_high = p_high - (t - k64!(ROUNDER + 1023.0));
    let rest = high(p_low + p_high);
    let u = rest * k64!(6.931_471_824_645_996e-1);
    let v = (p_low - (rest - p_high)) * k64!(core::f64::consts::LN_2) + rest * k64!(-1.904_654_299_957_768e-9);
    let z = u + v;
    let w = v - (z - u);
    let square = z * z;
    let t1 = z - square * poly64(square, &EXPONENTIAL);
    let r = (z * t1) / (t1 - k64!(2.0)) - (w + z * w);
    ((one - (r - z)) * F64x2::from_bits(t.to_bits().shl::<52>()), exponent)
}
