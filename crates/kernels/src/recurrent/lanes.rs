//! Vectors along a row, and the functions of gates.

use crate::algebra::{Algebra, F32s, F64s};
use adjoint_simd::{F32x4, F64x2, Scalar, Vector};

/// A float with the functions of gates on vectors.
pub trait Squash: Scalar {
    /// The logistic function of each lane of several vectors, which share the constants.
    fn sigmoid<const K: usize>(x: [Self::Vector; K]) -> [Self::Vector; K];
    /// The hyperbolic tangent of each lane.
    fn tanh(x: Self::Vector) -> Self::Vector;
}

impl Squash for f32 {
    #[inline(always)]
    fn sigmoid<const K: usize>(x: [F32x4; K]) -> [F32x4; K] {
        F32s(x).sigmoid().0
    }
    #[inline(always)]
    fn tanh(x: F32x4) -> F32x4 {
        F32s([x]).tanh().0[0]
    }
}

impl Squash for f64 {
    #[inline(always)]
    fn sigmoid<const K: usize>(x: [F64x2; K]) -> [F64x2; K] {
        F64s(x).sigmoid().0
    }
    #[inline(always)]
    fn tanh(x: F64x2) -> F64x2 {
        F64s([x]).tanh().0[0]
    }
}

/// A vector's position in a row: all of it is in the row, or the first of its lanes do.
#[derive(Clone, Copy)]
pub(super) struct Place {
    at: usize,
    len: usize,
}

impl Place {
    /// The elements of `p` here, 0 past the end of the row.
    ///
    /// # Safety
    /// `p` has the elements of a row.
    #[inline(always)]
    pub unsafe fn load<T: Scalar>(self, p: *const T) -> T::Vector {
        // SAFETY: what is read is in the row.
        unsafe {
            let p = p.add(self.at);
            if self.len == T::LANES { T::Vector::load(p) } else { T::Vector::load_partial(p, self.len, T::ZERO) }
        }
    }

    /// Writes the elements here to `p`.
    ///
    /// # Safety
    /// As [`Place::load`], and they are writable.
    #[inline(always)]
    pub unsafe fn store<T: Scalar>(self, x: T::Vector, p: *mut T) {
        // SAFETY: what is written is in the row.
        unsafe {
            let p = p.add(self.at);
            if self.len == T::LANES { x.store(p) } else { x.store_partial(p, self.len) }
        }
    }
}

/// Calls `f` for the vectors of a row of `n`.
#[inline(always)]
pub(super) fn each_vector<T: Scalar>(n: usize, f: impl Fn(Place)) {
    let mut at = 0;
    while at + T::LANES <= n {
        f(Place { at, len: T::LANES });
        at += T::LANES;
    }
    if at < n {
        f(Place { at, len: n - at });
    }
}
