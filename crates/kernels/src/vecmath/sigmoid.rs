//! The logistic function in f32.
//!
//! With `z = e^−|x|`, which never overflows, it is `1 / (1 + z)` from 0 on and `z / (1 + z)` below,
//! where `1 / (1 + e^−x)` would lose the denormals.

use super::constants::k;
use super::exp;
use crate::algebra::{F32s, Ring};

/// Largest error in units of the last place, denormal results included.
pub const MAX_ULP: f64 = 2.5;

/// `1 / (1 + e^−x)`: 0 at −∞, ½ at 0, 1 at ∞.
#[inline(always)]
pub fn sigmoid<const K: usize>(x: F32s<K>) -> F32s<K> {
    let one = k!(1.0);
    let z = exp(-x.abs());
    F32s::select(x.lt(k!(0.0)), z, one) / (one + z)
}
