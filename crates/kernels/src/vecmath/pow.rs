//! Powers in f32, computed in f64.
//!
//! Whole exponents up to [`MOST`] are products, by the bits of the exponent: in f64 their error is
//! far below the last rounding, and signs, zeros and infinities come out as C's `pow` has them.
//!
//! `x^y = 2^(y · log₂|x|)`, with the sign and the special cases of C's `pow`. The logarithm must be
//! known to 2⁻³³ for the result to be right to the last place, so both steps run in f64, two lanes
//! a vector; what f32 calls denormal is normal there. `log₂ x = k + s·L(s²)` for `x = 2^k · m`, `√½
//! ≤ m < √2` and `s = (m − 1) / (m + 1)`; `2^p = 2^n · (1 + r·E(r))` for `n = round(p)`. Constants:
//! `tools/minimax.py pow`.

use core::array::from_fn;

use adjoint_simd::{F32x4, F64x2, M32x4, Vector};

use super::constants::{Constant64, k64, polys64};
use crate::algebra::F64s;

/// Largest error in units of the last place.
pub const MAX_ULP: f64 = 0.6;

/// `log₂((1 + s) / (1 − s)) / s` by powers of `s²`; relative error 4.3e−12.
static LOGARITHM: [Constant64; 5] = Constant64::each([
    0.340_728_006_468_787_3,
    0.411_672_826_139_353_24,
    0.577_083_583_305_520_9,
    0.961_796_673_349_633_9,
    2.885_390_081_790_081,
]);

/// `(2^r − 1) / r` for `|r| ≤ ½`; error 4.5e−9 of `2^r`.
static EXPONENTIAL: [Constant64; 6] = Constant64::each([
    1.540_351_042_703_267_3e-4,
    1.339_073_506_872_816_4e-3,
    9.618_237_485_828_391e-3,
    5.550_357_434_492_99e-2,
    0.240_226_497_952_949_3,
    0.693_147_187_926_153_6,
]);

/// The bits of √½.
const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;

/// 1.5·2⁵²: adding it rounds a smaller number to an integer, which lands in the low bits.
const ROUNDER: f64 = 6_755_399_441_055_744.0;

/// Whole exponents up to this size are products: 2 · 6 of them at most.
const MOST: f32 = 64.0;

/// `x` to the power `y`.
#[inline(never)]
pub fn pow(x: F32x4, y: F32x4) -> F32x4 {
    let is_product = y.trunc().eq(y) & y.abs().le(F32x4::splat(MOST));
    if is_product.any() { by_products(x, y, is_product) } else { by_logarithm(x, y) }
}

/// Where some exponents are whole. What a lane gives does not depend on the others.
#[inline(never)]
fn by_products(x: F32x4, y: F32x4, is_product: M32x4) -> F32x4 {
    let (zero, one) = (F64x2::splat(0.0), F64x2::splat(1.0));
    let ((x0, x1), (y0, y1)) = (x.to_f64(), F32x4::select(is_product, y, F32x4::splat(0.0)).to_f64());
    let (mut squares, mut powers) = ([x0, x1], [one; 2]);
    let first = y.lane(0);
    if is_product.all() && y.eq(F32x4::splat(first)).all() {
        let mut exponent = first.abs() as u32;
        while exponent > 0 {
            for (power, square) in powers.iter_mut().zip(&mut squares) {
                if exponent & 1 == 1 {
                    *power *= *square;
                }
                *square *= *square;
            }
            exponent >>= 1;
        }
    } else {
        let mut exponents = [y0.abs(), y1.abs()];
        while (zero.lt(exponents[0]) | zero.lt(exponents[1])).any() {
            for i in 0..2 {
                let half = exponents[i] * F64x2::splat(0.5);
                exponents[i] = half.trunc();
                powers[i] *= F64x2::select(half.ne(exponents[i]), squares[i], one);
                squares[i] *= squares[i];
            }
        }
    }
    let inverse = |y: F64x2, power: F64x2| F64x2::select(y.lt(zero), one / power, power);
    let power = F64x2::to_f32(inverse(y0, powers[0]), inverse(y1, powers[1]));
    if is_product.all() { power } else { F32x4::select(is_product, power, by_logarithm(x, y)) }
}

/// For exponents that are not whole, or large.
#[inline(never)]
fn by_logarithm(x: F32x4, y: F32x4) -> F32x4 {
    let size = x.abs();
    let ((x0, x1), (y0, y1)) = (size.to_f64(), y.to_f64());
    let [p0, p1] = pow_of_positive([x0, x1], [y0, y1]);
    let power = F64x2::to_f32(p0, p1);
    let infinite = F32x4::splat(f32::INFINITY);
    let finite = F32x4::splat(0.0).lt(size) & size.lt(infinite) & y.abs().lt(infinite);
    if !finite.all() {
        return special_cases(x, y, power);
    }
    // Of a size of 1, and for an exponent of 0, the power is exactly 1.
    if F32x4::splat(0.0).lt(x).all() { power } else { negative_bases(x, y, power) }
}

/// For `0 < x < ∞` and finite `y`; anything for other numbers. Two vectors share the constants.
#[inline(always)]
fn pow_of_positive(x: [F64x2; 2], y: [F64x2; 2]) -> [F64x2; 2] {
    // The exponent with a bias of 1024, so that it is not negative.
    let (shift, root) = (k64!(f64::from_bits(SQRT_HALF.wrapping_sub(1024 << 52))), k64!(f64::from_bits(SQRT_HALF)));
    let bits = x.map(|x| x.to_bits() - shift.to_bits());
    let (bias, biased) = (k64!(TWO_52), k64!(TWO_52 + 1024.0));
    let k = bits.map(|bits| F64x2::from_bits(bits.shr_logical::<52>() | bias.to_bits()) - biased);
    let (mantissa, one) = (k64!(f64::from_bits((1 << 52) - 1)), k64!(1.0));
    let s = bits.map(|bits| {
        let m = F64x2::from_bits((F64x2::from_bits(bits) & mantissa).to_bits() + root.to_bits());
        (m - one) / (m + one)
    });
    let series = polys64(F64s(s.map(|s| s * s)), &LOGARITHM).0;
    // Beyond 2^±200 all is 0 or infinite in f32.
    let (most, least) = (k64!(200.0), k64!(-200.0));
    let p: [F64x2; 2] = from_fn(|i| (y[i] * s[i].mul_add(series[i], k[i])).pmin(most).pmax(least));
    let rounder = k64!(ROUNDER + 1023.0);
    let t = p.map(|p| p + rounder);
    let r: [F64x2; 2] = from_fn(|i| p[i] - (t[i] - rounder));
    let series = polys64(F64s(r), &EXPONENTIAL).0;
    from_fn(|i| series[i].mul_add(r[i], one) * F64x2::from_bits(t[i].to_bits().shl::<52>()))
}

const TWO_52: f64 = 4_503_599_627_370_496.0;

/// What C's `pow` says where `x` is not a finite positive number or `y` not finite; `power` is
/// right elsewhere.
#[inline(never)]
fn special_cases(x: F32x4, y: F32x4, power: F32x4) -> F32x4 {
    let (zero, one, infinite) = (F32x4::splat(0.0), F32x4::splat(1.0), F32x4::splat(f32::INFINITY));
    let size = x.abs();
    let grows = zero.lt(y);
    // Of 0 and infinity, and for an infinite power of anything: 0 or infinity.
    let at_pole = size.eq(zero) | size.eq(infinite);
    let below_one = size.lt(one);
    let limit = F32x4::select(below_one ^ grows, infinite, zero);
    let unbounded = at_pole | y.abs().eq(infinite);
    let power = F32x4::select(unbounded, limit, power);
    // A power of ±1 has size 1, even an infinite one.
    let power = F32x4::select(size.eq(one), one, power);
    let power = negative_bases(x, y, power);
    let power = F32x4::select(x.is_nan() | y.is_nan(), x + y, power);
    F32x4::select(x.eq(one) | y.eq(zero), one, power)
}

/// The sign of odd powers of negative numbers, −0 among them; others that are not whole are NaN,
/// but those of −∞.
#[inline(always)]
fn negative_bases(x: F32x4, y: F32x4, power: F32x4) -> F32x4 {
    let half = y * F32x4::splat(0.5);
    let is_whole = y.trunc().eq(y);
    let is_odd = is_whole & half.trunc().ne(half);
    let sign = x & F32x4::splat(-0.0);
    let signed = F32x4::select(is_odd, power ^ sign, power);
    let has_none: M32x4 = x.lt(F32x4::splat(0.0)) & !is_whole & F32x4::splat(f32::NEG_INFINITY).lt(x);
    F32x4::select(has_none, F32x4::splat(f32::NAN), signed)
}
