//! The logistic function in f64, two lanes at a time.

use adjoint_simd::F64x2;

use super::exp;
use crate::vecmath::constants::k64;

/// Largest error in units of the last place, denormal results included.
pub const MAX_ULP: f64 = 2.5;

/// `1 / (1 + e^−x)`, to full relative accuracy also where it is small.
#[inline(never)]
pub fn sigmoid(x: F64x2) -> F64x2 {
    let one = k64!(1.0);
    let z = exp(-x.abs());
    F64x2::select(x.lt(F64x2::splat(0.0)), z, one) / (one + z)
}
