//! The hyperbolic tangent in f32.
//!
//! `tanh |x| = m / (m + 2)` with `m = e^(2|x|) − 1`: accurate near 0 because `expm1` is, and
//! exactly 1 once `m + 2` rounds to `m`.

use super::constants::k;
use super::expm1::expm1_unsigned;
use crate::algebra::{F32s, Ring};

/// Largest error in units of the last place.
pub const MAX_ULP: f64 = 3.0;

/// The hyperbolic tangent: ±1 beyond ±9.02; −0 gives −0.
#[inline(always)]
pub fn tanh<const K: usize>(x: F32s<K>) -> F32s<K> {
    // tanh 10 rounds to 1, and expm1 20 is far from overflow.
    let a = x.abs().pmin(k!(10.0));
    let m = expm1_unsigned(a + a);
    (m / (m + k!(2.0))).xor_sign(x)
}
