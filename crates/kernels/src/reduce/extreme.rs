//! Greatest and smallest elements, and where they are.
//!
//! A NaN beats every number, and of equals the first wins, as in PyTorch.

use super::integer::fold;
use super::{Axis, Int, Number};
use crate::exec::{Grain, Part, for_range};
use crate::scratch;

/// The greatest integer of the axis; the type's smallest value if it is empty.
///
/// **Shapes**: x is `[outer, n, inner]`, out `[outer, inner]`.
///
/// **Errors**: panics when an array does not have the elements its shape needs.
pub fn amax_int<T: Int>(x: &[T], axis: Axis, out: &mut [T]) {
    fold(x, axis, out, T::MIN, |y: T, x| y.max(x));
}

/// The smallest integer of the axis; the type's greatest value if it is empty. Otherwise as
/// [`amax_int`].
pub fn amin_int<T: Int>(x: &[T], axis: Axis, out: &mut [T]) {
    fold(x, axis, out, T::MAX, |y: T, x| y.min(x));
}

/// The index along the axis of its greatest element: the first NaN if there is one, else the first
/// of the greatest.
///
/// **Shapes**: x is `[outer, n, inner]`, out `[outer, inner]`.
///
/// **Errors**: panics when the axis is empty, or an array does not have the elements its shape
/// needs.
pub fn argmax<T: Number>(x: &[T], axis: Axis, out: &mut [i64]) {
    let Some(mut values) = scratch::filled(T::ZERO, out.len()) else { return };
    max_with_index(x, axis, &mut values, out);
}

/// The index along the axis of its smallest element; otherwise as [`argmax`].
pub fn argmin<T: Number>(x: &[T], axis: Axis, out: &mut [i64]) {
    let Some(mut values) = scratch::filled(T::ZERO, out.len()) else { return };
    min_with_index(x, axis, &mut values, out);
}

/// The greatest element of the axis and its index, by the rules of [`argmax`].
pub fn max_with_index<T: Number>(x: &[T], axis: Axis, values: &mut [T], indices: &mut [i64]) {
    extreme(x, axis, values, indices, |x, best| x > best);
}

/// The smallest element of the axis and its index, by the rules of [`argmin`].
pub fn min_with_index<T: Number>(x: &[T], axis: Axis, values: &mut [T], indices: &mut [i64]) {
    extreme(x, axis, values, indices, |x, best| x < best);
}

#[inline(always)]
fn extreme<T: Number>(x: &[T], axis: Axis, values: &mut [T], indices: &mut [i64], beats: impl Fn(T, T) -> bool + Sync) {
    axis.check_full(x.len());
    axis.check_reduced(values.len());
    axis.check_reduced(indices.len());
    if axis.reduced() == 0 {
        return;
    }
    assert!(axis.n > 0, "kernel: no greatest or smallest element on an empty axis");
    let better = |x: T, best: T| beats(x, best) || (x.is_nan() && !best.is_nan());
    let Axis { outer, n, inner } = axis;
    let (values, indices) = (Part::new(values), Part::new(indices));
    for_range(outer, Grain::of(n * inner), &(values, indices), |range| {
        let results = range.start * inner..range.end * inner;
        // SAFETY: ranges are disjoint.
        let (values, indices) = unsafe { (values.slice(results.clone()), indices.slice(results)) };
        let x = &x[range.start * n * inner..range.end * n * inner];
        if inner == 1 {
            for ((value, index), row) in values.iter_mut().zip(indices).zip(x.chunks_exact(n)) {
                let (mut best, mut at) = (row[0], 0);
                for (i, &x) in row.iter().enumerate() {
                    if better(x, best) {
                        (best, at) = (x, i);
                    }
                }
                (*value, *index) = (best, at as i64);
            }
            return;
        }
        let results = values.chunks_exact_mut(inner).zip(indices.chunks_exact_mut(inner));
        for ((values, indices), block) in results.zip(x.chunks_exact(n * inner)) {
            values.copy_from_slice(&block[..inner]);
            indices.fill(0);
            for (i, row) in block.chunks_exact(inner).enumerate() {
                for ((value, index), &x) in values.iter_mut().zip(&mut *indices).zip(row) {
                    if better(x, *value) {
                        (*value, *index) = (x, i as i64);
                    }
                }
            }
        }
    });
}
