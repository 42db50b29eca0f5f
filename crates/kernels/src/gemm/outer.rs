//! Products whose sums have one term: a column times a row.
//!
//! All there is to do is to write, once, what is `m · n` numbers made of `m + n`: panels and tiles
//! would take several times as long.

use super::problem::Problem;
use adjoint_simd::Scalar;
use std::slice;

/// Whether [`run`] serves: one term, rows of B and C without gaps, and C is not read.
pub fn serves<T: Scalar>(p: &Problem<T>) -> bool {
    p.k == 1 && p.alpha == T::ONE && p.beta == T::ZERO && p.b.cs == 1 && p.c.cs == 1
}

/// `C ← A · B`. Zeros are as a sum that starts from 0 has them.
///
/// # Safety
/// As [`super::gemm_f32`], where [`serves`] says yes.
pub unsafe fn run<T: Scalar>(p: &Problem<T>) {
    // SAFETY: B has one row of n elements without gaps.
    let row = unsafe { slice::from_raw_parts(p.b.ptr, p.n) };
    for i in 0..p.m as isize {
        // SAFETY: row i is within A and C, which the caller vouches for; C overlaps neither A nor
        // B.
        let (factor, out) =
            unsafe { (*p.a.ptr.offset(i * p.a.rs), slice::from_raw_parts_mut(p.c.ptr.offset(i * p.c.rs), p.n)) };
        for (out, &x) in out.iter_mut().zip(row) {
            *out = T::ZERO + factor * x;
        }
    }
}
