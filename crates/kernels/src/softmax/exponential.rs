//! The floats that have a vector exponential, and its two uses along a row: exponentials with their
//! sum, and that sum alone.

use crate::algebra::{Algebra, F32s, F64s};
use crate::reduce::fold::{Aux, Map};
use crate::vecmath::exp::exp_flushed;
use adjoint_simd::{F32x4, F64x2, Scalar, Vector};

/// A float with exp on vectors and a natural logarithm.
pub trait Exponential: Scalar {
    /// e to the power of each lane.
    fn exp(x: Self::Vector) -> Self::Vector;
    /// e to the power of each lane of several vectors, which share the constants, for `x ≤ 0`:
    /// faster, see [`exp_flushed`], and 0 for what is below the normal numbers.
    fn exp_shifted<const K: usize>(x: [Self::Vector; K]) -> [Self::Vector; K];
    /// Natural logarithm.
    fn ln(self) -> Self;
}

impl Exponential for f32 {
    #[inline(always)]
    fn exp(x: F32x4) -> F32x4 {
        F32s([x]).exp().0[0]
    }
    #[inline(always)]
    fn exp_shifted<const K: usize>(x: [F32x4; K]) -> [F32x4; K] {
        exp_flushed(F32s(x)).0
    }
    #[inline(always)]
    fn ln(self) -> Self {
        self.ln()
    }
}

impl Exponential for f64 {
    #[inline(always)]
    fn exp(x: F64x2) -> F64x2 {
        F64s([x]).exp().0[0]
    }
    #[inline(always)]
    fn exp_shifted<const K: usize>(x: [F64x2; K]) -> [F64x2; K] {
        F64s(x).exp().0
    }
    #[inline(always)]
    fn ln(self) -> Self {
        self.ln()
    }
}

/// exp(x − aux), for an aux a result: the terms of a log-sum-exp.
pub struct ExpShifted;

impl<T: Exponential> Map<T> for ExpShifted {
    const AUX: Aux = Aux::Value;
    #[inline(always)]
    fn map(x: T::Vector, aux: T::Vector) -> [T::Vector; 1] {
        [T::exp(x - aux)]
    }
}

/// Vectors an iteration: their exponentials share the constants.
const WIDE: usize = 4;
/// Terms a lane takes before its sum joins the total.
const BLOCK_TURNS: usize = 32;

/// `y_i = e^(x_i − m)` where `STORE`, and the sum of all, over a row of `n`; `m` is the greatest of
/// them that is a number.
///
/// A lane adds 32 terms, and a total the sums of 512 (in f32): with terms in 0 … 1 the error is at
/// most `40 + n / 512` times `ε` of the sum.
///
/// # Safety
/// `n` elements are readable at `x`, and writable at `y` where `STORE`; `y` is apart from `x` or
/// the same.
#[inline(never)]
pub(crate) unsafe fn exponentials<T: Exponential, const STORE: bool>(x: *const T, m: T, y: *mut T, n: usize) -> T {
    let turn = WIDE * T::LANES;
    let shift = T::Vector::splat(m);
    let mut total = T::ZERO;
    let mut at = 0;
    // SAFETY: every access is below n, or within one iteration of the buffer.
    unsafe {
        while at + turn <= n {
            let end = at + (n - at).min(turn * BLOCK_TURNS) / turn * turn;
            let mut sums = [T::Vector::splat(T::ZERO); WIDE];
            while at < end {
                let terms: [T::Vector; WIDE] =
                    T::exp_shifted(core::array::from_fn(|k| T::Vector::load(x.add(at + k * T::LANES)) - shift));
                for (k, (sum, term)) in sums.iter_mut().zip(terms).enumerate() {
                    if STORE {
                        term.store(y.add(at + k * T::LANES));
                    }
                    *sum = *sum + term;
                }
                at += turn;
            }
            total = total + ((sums[0] + sums[1]) + (sums[2] + sums[3])).sum();
        }
        if at < n {
            let terms = T::exp_shifted(load_filled::<T>(x.add(at), n - at).map(|x| x - shift));
            if STORE {
                store_filled::<T>(terms, y.add(at), n - at);
            }
            total = total + ((terms[0] + terms[1]) + (terms[2] + terms[3])).sum();
        }
    }
    total
}

/// At most an iteration of elements, followed by −∞, whose exponential adds nothing.
///
/// # Safety
/// `n ≤ 4 · LANES` elements are readable.
#[inline(always)]
unsafe fn load_filled<T: Scalar>(x: *const T, n: usize) -> [T::Vector; WIDE] {
    core::array::from_fn(|k| {
        let at = k * T::LANES;
        // SAFETY: `at` and what is read from it on are below n.
        unsafe {
            if at + T::LANES <= n {
                T::Vector::load(x.add(at))
            } else {
                T::Vector::load_partial(x.wrapping_add(at), n.saturating_sub(at), -T::INFINITY)
            }
        }
    })
}

/// The first `n` elements of an iteration.
///
/// # Safety
/// `n ≤ 4 · LANES` elements are writable.
#[inline(always)]
unsafe fn store_filled<T: Scalar>(vectors: [T::Vector; WIDE], y: *mut T, n: usize) {
    for (k, vector) in vectors.into_iter().enumerate() {
        let at = k * T::LANES;
        // SAFETY: `at` and what is written from it on are below n.
        unsafe {
            if at + T::LANES <= n {
                vector.store(y.add(at));
            } else {
                vector.store_partial(y.wrapping_add(at), n.saturating_sub(at));
            }
        }
    }
}
