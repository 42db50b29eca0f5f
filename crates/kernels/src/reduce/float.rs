//! Reductions of floats.

use super::Axis;
use super::fold::{Abs, Add, Combine, Identity, Max, Min, Mul, Square, fold, fold_row};
use crate::exec::{Grain, Part, for_range};
use crate::scratch;
use crate::softmax::{ExpShifted, Exponential, exponentials};
use adjoint_simd::{Scalar, Vector};

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
    if axis.inner == 1 && axis.n >= LONG_ROW {
        return extreme_rows::<T, Max>(x, axis, out, |v| v);
    }
    fold::<T, Max, Identity>(x, &[], axis, out);
}

/// The smallest element of the axis; NaN if it holds one, +∞ if it is empty.
pub fn amin<T: Scalar>(x: &[T], axis: Axis, out: &mut [T]) {
    if axis.inner == 1 && axis.n >= LONG_ROW {
        return extreme_rows::<T, Min>(x, axis, out, |v| -v);
    }
    fold::<T, Min, Identity>(x, &[], axis, out);
}

/// Elements from which on a row is looked through by [`extreme_rows`].
const LONG_ROW: usize = 64;

/// The greatest element of each row in the order of `key`, which is the element or its negative, with
/// one instruction for each vector where [`Max`] takes several, and beside it a sum that is not 0
/// where an element is infinite or NaN. Such a row, and one whose result is 0, of which there are
/// two, is folded by `C`.
// Not inlined: pages that look through short rows alone do without.
#[inline(never)]
fn extreme_rows<T: Scalar, C: Combine>(
    x: &[T],
    axis: Axis,
    out: &mut [T],
    key: impl Fn(T::Vector) -> T::Vector + Sync,
) {
    const WIDE: usize = 4;
    axis.check_full(x.len());
    axis.check_reduced(out.len());
    let (n, out) = (axis.n, Part::new(out));
    for_range(axis.outer, Grain::of(n), &out, |range| {
        // SAFETY: ranges are disjoint.
        let out = unsafe { out.slice(range.clone()) };
        for (y, row) in out.iter_mut().zip(x[range.start * n..range.end * n].chunks_exact(n)) {
            let zero = T::Vector::splat(T::ZERO);
            // SAFETY: a row has at least as many elements as all accumulators, here and below.
            let load = |at: usize| key(unsafe { T::Vector::load(row.as_ptr().add(at)) });
            let mut best = [load(0); WIDE];
            let mut odd = [zero; WIDE];
            let mut take = |at: usize, k: usize| {
                let v = load(at);
                best[k] = best[k].pmax(v);
                odd[k] = v.mul_add(zero, odd[k]);
            };
            let turn = WIDE * T::LANES;
            for at in (0..n - n % turn).step_by(turn) {
                for k in 0..WIDE {
                    take(at + k * T::LANES, k);
                }
            }
            // The last ones again where they do not fill an iteration.
            for k in 0..WIDE {
                take(n - (k + 1) * T::LANES, k);
            }
            let best = best[0].pmax(best[1]).pmax(best[2].pmax(best[3]));
            let odd = ((odd[0] + odd[1]) + (odd[2] + odd[3])).sum();
            let greatest = (1..T::LANES).fold(best.lane(0), |a, i| if a < best.lane(i) { best.lane(i) } else { a });
            *y = if odd == T::ZERO && greatest != T::ZERO {
                key(T::Vector::splat(greatest)).lane(0)
            } else {
                // SAFETY: the row's elements.
                unsafe { fold_row::<T, C, Identity>(row.as_ptr(), core::ptr::null(), n) }
            };
        }
    });
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
