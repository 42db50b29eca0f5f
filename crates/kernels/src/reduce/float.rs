//! Reductions of floats.

use super::Axis;
use super::fold::{Abs, Add, Identity, Max, Min, Mul, Square, fold};
use crate::exec::{Grain, Part, for_range};
use crate::scratch;
use crate::softmax::{ExpShifted, Exponential, exponentials};
use adjoint_simd::Scalar;

/// The sum over the axis: `out = Σ x`, 0 for an empty axis.
///
/// **Shapes**: x is `[outer, n, inner]`, out `[outer, inner]`; so for every function here.
///
/// **Errors**: panics when an array does not have the elements its shape needs; so for every
/// function here.
pub fn sum<T: Scalar>(x: &[T], axis: Axis, out: &mut [T]) {
    fold::<T, Add, Identity>(x, &[], axis, out);
}

/// The mean over the axis: `out = (Σ x) / n`, NaN for an empty axis.
pub fn mean<T: Scalar>(x: &[T], axis: Axis, out: &mut [T]) {
    sum(x, axis, out);
    let n = T::from_f64(axis.n as f64);
    for y in out {
        *y = *y / n;
    }
}

/// The product over the axis: `out = Π x`, 1 for an empty axis.
pub fn prod<T: Scalar>(x: &[T], axis: Axis, out: &mut [T]) {
    fold::<T, Mul, Identity>(x, &[], axis, out);
}

/// The greatest element of the axis; NaN if it holds one, −∞ if it is empty.
pub fn amax<T: Scalar>(x: &[T], axis: Axis, out: &mut [T]) {
    fold::<T, Max, Identity>(x, &[], axis, out);
}

/// The smallest element of the axis; NaN if it holds one, +∞ if it is empty.
pub fn amin<T: Scalar>(x: &[T], axis: Axis, out: &mut [T]) {
    fold::<T, Min, Identity>(x, &[], axis, out);
}

/// `out = Σ |x|`, the 1-norm.
pub fn sum_abs<T: Scalar>(x: &[T], axis: Axis, out: &mut [T]) {
    fold::<T, Add, Abs>(x, &[], axis, out);
}

/// `out = Σ x²`, the 2-norm squared; overflows where a square does.
pub fn sum_squares<T: Scalar>(x: &[T], axis: Axis, out: &mut [T]) {
    fold::<T, Add, Square>(x, &[], axis, out);
}

/// `out = max |x|`, the ∞-norm; NaN if the axis holds one, −∞ if it is empty.
pub fn max_abs<T: Scalar>(x: &[T], axis: Axis, out: &mut [T]) {
    fold::<T, Max, Abs>(x, &[], axis, out);
}

/// `out = log Σ exp(x)`, computed as `m + log Σ exp(x − m)` with the greatest element `m`, so that
/// no finite input overflows.
///
/// −∞ for an empty axis or one of only −∞; +∞ when the axis holds +∞ and no NaN. One pass for `m`,
/// one for the sum.
pub fn logsumexp<T: Exponential>(x: &[T], axis: Axis, out: &mut [T]) {
    let Some(mut shift) = scratch::filled(T::ZERO, out.len()) else { return };
    amax(x, axis, &mut shift);
    let infinite = |m: T| m.is_nan() || m.abs() == T::INFINITY;
    if axis.inner == 1 && axis.n > 0 {
        let (n, out) = (axis.n, Part::new(out));
        for_range(axis.outer, Grain::of(10 * n), &out, |range| {
            // SAFETY: ranges are disjoint.
            let out = unsafe { out.slice(range.clone()) };
            let rows = x[range.start * n..range.end * n].chunks_exact(n);
            for ((y, &m), row) in out.iter_mut().zip(&shift[range]).zip(rows) {
                // SAFETY: the row's elements, of which none are written.
                let sum = || unsafe { exponentials::<T, false>(row.as_ptr(), m, core::ptr::null_mut(), row.len()) };
                // NaN, or what the infinite elements make of it.
                *y = if infinite(m) { m } else { sum().ln() + m };
            }
        });
        return;
    }
    for m in &mut shift {
        // Without this, x − m is NaN for an infinite m.
        if m.abs() == T::INFINITY {
            *m = T::ZERO;
        }
    }
    fold::<T, Add, ExpShifted>(x, &shift, axis, out);
    for (y, m) in out.iter_mut().zip(shift) {
        *y = y.ln() + m;
    }
}
