//! f32 functions by way of f64, lane by lane.
//!
//! For functions too rare to deserve vector code: the f64 result is off by far less than half an
//! f32 ULP, so rounding it is right except within 2^-28 of a tie. One loop serves them all and
//! takes the function as a pointer, which keeps the binary small.

use adjoint_simd::F32x4;

use crate::algebra::F32s;

/// `f` of each lane.
#[inline(always)]
pub fn unary<const K: usize>(x: F32s<K>, f: fn(f64) -> f64) -> F32s<K> {
    F32s(core::array::from_fn(|i| unary_vector(x.0[i], f)))
}

/// `f` of each pair of lanes.
#[inline(always)]
pub fn binary<const K: usize>(x: F32s<K>, y: F32s<K>, f: fn(f64, f64) -> f64) -> F32s<K> {
    F32s(core::array::from_fn(|i| binary_vector(x.0[i], y.0[i], f)))
}

#[inline(never)]
fn unary_vector(x: F32x4, f: fn(f64) -> f64) -> F32x4 {
    F32x4::from_array(x.to_array().map(|v| f(f64::from(v)) as f32))
}

#[inline(never)]
fn binary_vector(x: F32x4, y: F32x4, f: fn(f64, f64) -> f64) -> F32x4 {
    let (x, y) = (x.to_array(), y.to_array());
    F32x4::from_array(core::array::from_fn(|i| f(f64::from(x[i]), f64::from(y[i])) as f32))
}
