//! The standard normal distribution in f32: its distribution function and its density.
//!
//! `Φ(−a) = t · P(t) · e^(−a²/2)` with `t = 1 / (1 + 0.265 a)`, and `Φ(a) = 1 − Φ(−a)`: a
//! probability is right in its own digits however small it is, which the difference of ½ and
//! something near it is not. `x · Φ(x)` and its derivative need that, and share the exponential.
//! Constants: `tools/minimax.py normal`.

use super::constants::{Constant, k, poly};
use super::exp::exp_flushed;
use crate::algebra::{Algebra, F32s, Ring};

/// Largest relative error of [`ndtr`] in units of ε = 2⁻²³, beside ⅓ ε for each unit of `x²` where
/// `x` is negative, the square being rounded.
pub const MAX_ERROR: f64 = 5.0;

/// Largest relative error of [`normal_density`] in units of ε = 2⁻²³, beside ⅓ ε for each unit of
/// `x²`, the square being rounded.
pub const MAX_DENSITY_ERROR: f64 = 3.0;

static TAIL: [Constant; 9] = Constant::each([
    3.082_177_8e-2,
    -1.442_333_2e-1,
    2.178_239_7e-1,
    -1.163_715_5e-1,
    1.379_583_3e-1,
    6.031_123e-2,
    1.027_013_8e-1,
    1.052_466_1e-1,
    1.057_415_6e-1,
]);

/// The probability that a standard normal number is below `x`; 0 where that is below the normal
/// numbers.
#[inline(always)]
pub fn ndtr<const K: usize>(x: F32s<K>) -> F32s<K> {
    let one = k!(1.0);
    let t = one / x.abs().mul_add(k!(0.265), one);
    let tail = t * poly(t, &TAIL) * exp_flushed(x * x * k!(-0.5));
    F32s::select(x.lt(k!(0.0)), tail, one - tail)
}

/// `e^(−x²/2) / √(2π)`; 0 where that is below the normal numbers.
#[inline(always)]
pub fn normal_density<const K: usize>(x: F32s<K>) -> F32s<K> {
    exp_flushed(x * x * k!(-0.5)) * k!(0.398_942_3)
}
