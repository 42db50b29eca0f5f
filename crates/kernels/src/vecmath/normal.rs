//! The standard normal distribution in f32: its distribution function and its density.
//!
//! `Φ(x) = ½ + x · P(x²) / Q(x²)` up to 5.25, beyond which the clamp on ±½ takes over. One quotient costs less than half of what an error
//! function does that is right to the last place near 0; here ½ is added to it, and digits beyond the last of ½ are lost anyway.
//! Constants: `tools/minimax.py normal`.

use super::constants::{Constant, k, poly};
use super::exp::exp_flushed;
use crate::algebra::F32s;

/// Largest error of [`ndtr`], absolute: five units in the last place of ½.
pub const MAX_ERROR: f64 = 3e-7;

/// Largest relative error of [`normal_density`] in units of ε = 2⁻²³, beside ⅓ ε for each unit of `x²`, the square being rounded.
pub const MAX_DENSITY_ERROR: f64 = 3.0;

static NUMERATOR: [Constant; 5] =
    Constant::each([6.041_783e-6, 3.273_373_6e-4, 5.605_239e-3, 5.078_034e-2, 3.989_418_7e-1]);

static DENOMINATOR: [Constant; 6] =
    Constant::each([5.150_234_3e-7, 1.174_076_7e-4, 2.780_187e-3, 3.805_357_2e-2, 2.939_475_5e-1, 1.0]);

/// The probability that a standard normal number is below `x`: exactly 0 and 1 from about ∓5.25 on.
#[inline(always)]
pub fn ndtr<const K: usize>(x: F32s<K>) -> F32s<K> {
    let half = k!(0.5);
    let u = (x * x).pmin(k!(5.25 * 5.25));
    let quotient = x * poly(u, &NUMERATOR) / poly(u, &DENOMINATOR);
    quotient.pmin(half).pmax(k!(-0.5)) + half
}

/// `e^(−x²/2) / √(2π)`; 0 where that is below the normal numbers.
#[inline(always)]
pub fn normal_density<const K: usize>(x: F32s<K>) -> F32s<K> {
    exp_flushed(x * x * k!(-0.5)) * k!(0.398_942_3)
}
