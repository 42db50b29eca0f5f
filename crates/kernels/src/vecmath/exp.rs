//! The exponential function in f32.
//!
//! `e^x = 2^n · e^r` with `n = round(x / ln 2)` and `|r| ≤ ln 2 / 2`. Adding 1.5·2²³ rounds `x / ln
//! 2` and leaves `n` in the low bits of the sum, whence two shifts make the powers of two. There
//! are two powers, `2^⌊n/2⌋` and `2^⌈n/2⌉`, so that a result in the denormal range or above 2^127
//! comes out of the second product rounded once and not flushed. Constants: `tools/minimax.py exp`;
//! `ln 2` is split so that `n·LN_2_HIGH` is exact without a fused multiply-add too.

use super::constants::{Constant, k, poly};
use crate::algebra::{Algebra, F32s};

/// Largest error in units of the last place, denormal results included.
pub const MAX_ULP: f64 = 1.0;

pub(super) const LOG2_E: f32 = core::f32::consts::LOG2_E;
/// The upper 15 bits of ln 2.
pub(super) const LN_2_HIGH: f32 = 0.693_359_4;
/// ln 2 − [`LN_2_HIGH`].
pub(super) const LN_2_LOW: f32 = -2.121_944_4e-4;

/// 1.5·2²³: adding it rounds a smaller number to an integer, which lands in the low bits.
pub(super) const ROUNDER: f32 = 12_582_912.0;

/// `(e^r − 1 − r) / r²` for `|r| ≤ ln 2 / 2`.
static POLY: [Constant; 5] =
    Constant::each([1.383_876e-3, 8.369_191e-3, 4.166_810_2e-2, 1.666_651_7e-1, 4.999_999_4e-1]);

/// e to the power `x`: 0 at −∞, ∞ above 88.72.
#[inline(always)]
pub fn exp<const K: usize>(x: F32s<K>) -> F32s<K> {
    // Both powers need an exponent of their own: ⌊(n + 254) / 2⌋ = ⌊n / 2⌋ + 127.
    const BIASED: f32 = ROUNDER + 254.0;
    // e^−104 rounds to 0 and e^89 to infinity.
    let x = x.pmin(k!(89.0)).pmax(k!(-104.0));
    let (p, t) = exp_of_rest(x, k!(BIASED));
    let bits = t.to_bits();
    let half = bits.shr_logical::<1>();
    p * half.shl::<23>().to_floats() * (bits - half).shl::<23>().to_floats()
}

/// [`exp`] where the result is a normal number, for −87.3 ≤ x ≤ 88.3; anything for other arguments.
#[inline(always)]
pub(super) fn exp_without_limits<const K: usize>(x: F32s<K>) -> F32s<K> {
    let (p, t) = exp_of_rest(x, k!(ROUNDER + 127.0));
    p * t.to_bits().shl::<23>().to_floats()
}

/// `(2^r − 1) / r` for `|r| ≤ ½`.
static BINARY: [Constant; 6] =
    Constant::each([1.333_254_9e-4, 1.338_792_8e-3, 9.625_445e-3, 5.550_366_3e-2, 2.402_259_4e-1, 6.931_472e-1]);

/// Largest relative error of [`exp_flushed`] in units of ε = 2⁻²³, beside ⅛ ε for each unit of
/// `|x|`.
pub const MAX_FLUSHED_ERROR: f64 = 2.0;

/// [`exp`] for `x ≤ 0` (up to 88), with 0 for what is below 2^−126.5, at −87.7: up to a third
/// faster.
///
/// Where multiply-adds are fused, it is the power of two `2^(x log₂ e)`: the product's whole part
/// is taken off before it is rounded, so that only the last place of log₂ e is lost, an eighth of ε
/// for each unit of `|x|`. (Relaxed SIMD on a machine that does not fuse: ⅔ ε.)
#[inline(always)]
pub fn exp_flushed<const K: usize>(x: F32s<K>) -> F32s<K> {
    // At −88 the power's exponent is 0, and so is the power.
    let x = x.pmax(k!(-88.0));
    if !adjoint_simd::FUSED {
        return exp_without_limits(x);
    }
    let biased = k!(ROUNDER + 127.0);
    let t = x.mul_add(k!(LOG2_E), biased);
    let r = x.mul_add(k!(LOG2_E), biased - t);
    poly(r, &BINARY).mul_add(r, k!(1.0)) * t.to_bits().shl::<23>().to_floats()
}

/// `e^r`, and `n + biased`, which has `n` and a bias in its low bits.
#[inline(always)]
pub(super) fn exp_of_rest<const K: usize>(x: F32s<K>, biased: F32s<K>) -> (F32s<K>, F32s<K>) {
    let t = x.mul_add(k!(LOG2_E), biased);
    let n = t - biased;
    let r = n.neg_mul_add(k!(LN_2_LOW), n.neg_mul_add(k!(LN_2_HIGH), x));
    ((r * r).mul_add(poly(r, &POLY), r) + k!(1.0), t)
}
