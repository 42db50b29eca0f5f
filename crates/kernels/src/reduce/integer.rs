//! Sums and products of integers, in 64 bits.

use super::{Axis, Int, Number};
use crate::exec::{Grain, Part, for_range};

/// The sum over the axis in 64 bits, wrapping; 0 for an empty axis.
///
/// **Shapes**: x is `[outer, n, inner]`, out `[outer, inner]`.
///
/// **Errors**: panics when an array does not have the elements its shape needs.
pub fn sum_int<T: Int>(x: &[T], axis: Axis, out: &mut [i64]) {
    fold(x, axis, out, 0, |acc, x| acc.wrapping_add(x.widen()));
}

/// The product over the axis in 64 bits, wrapping; 1 for an empty axis. Otherwise as [`sum_int`].
pub fn prod_int<T: Int>(x: &[T], axis: Axis, out: &mut [i64]) {
    fold(x, axis, out, 1, |acc, x| acc.wrapping_mul(x.widen()));
}

/// Reduces along rows, or down columns with the results as accumulators, so that memory is read in
/// order.
#[inline(always)]
pub(super) fn fold<T: Number, A: Copy + Send + Sync>(
    x: &[T],
    axis: Axis,
    out: &mut [A],
    identity: A,
    f: impl Fn(A, T) -> A + Sync,
) {
    axis.check_full(x.len());
    axis.check_reduced(out.len());
    out.fill(identity);
    if axis.numel() == 0 {
        return;
    }
    let Axis { outer, n, inner } = axis;
    let out = Part::new(out);
    for_range(outer, Grain::of(n * inner), &out, |range| {
        // SAFETY: ranges are disjoint.
        let out = unsafe { out.slice(range.start * inner..range.end * inner) };
        let x = &x[range.start * n * inner..range.end * n * inner];
        if inner == 1 {
            for (y, row) in out.iter_mut().zip(x.chunks_exact(n)) {
                *y = row.iter().fold(identity, |acc, &x| f(acc, x));
            }
            return;
        }
        for (out, block) in out.chunks_exact_mut(inner).zip(x.chunks_exact(n * inner)) {
            for row in block.chunks_exact(inner) {
                for (y, &x) in out.iter_mut().zip(row) {
                    *y = f(*y, x);
                }
            }
        }
    });
}
