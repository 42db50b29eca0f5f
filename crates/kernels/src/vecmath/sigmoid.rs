//! The logistic function in f32.
//!
//! With `z = e^−|x|`, which never overflows, it is `1 / (1 + z)` from 0 on and `z / (1 + z)` below,
//! where `1 / (1 + e^−x)` would lose the denormals. They are why both numerators are 2⁶⁴ times as
//! large until the last product: one power of two does then, where [`exp`](super::exp()) takes two.

use super::constants::k;
use super::exp::{ROUNDER, exp_of_rest};
use crate::algebra::{Algebra, F32s, Ring};

/// Largest error in units of the last place, denormal results included.
pub const MAX_ULP: f64 = 2.5;

/// `1 / (1 + e^−x)`: 0 at −∞, ½ at 0, 1 at ∞.
#[inline(always)]
pub fn sigmoid<const K: usize>(x: F32s<K>) -> F32s<K> {
    const LARGE: f32 = 18_446_744_073_709_551_616.0;
    // −|x|; e^−104 rounds to 0.
    let a = (x | k!(-0.0)).pmax(k!(-104.0));
    let (p, t) = exp_of_rest(a, k!(ROUNDER + 127.0 + 64.0));
    let z = p * t.to_bits().shl::<23>().to_floats();
    let small = k!(1.0 / LARGE);
    F32s::select(x.lt(k!(0.0)), z, k!(LARGE)) / z.mul_add(small, k!(1.0)) * small
}
