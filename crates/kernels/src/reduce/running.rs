//! Running greatest and smallest elements along an axis, and where they are.

use super::{Axis, Number};
use crate::exec::{Grain, Part, for_range};

/// The greatest element so far along the axis, and its index: the last of equals, and from a NaN on
/// the last NaN.
///
/// **Shapes**: x, values and indices are `[outer, n, inner]`.
///
/// **Errors**: panics when an array does not have the elements its shape needs.
pub fn cummax<T: Number>(x: &[T], axis: Axis, values: &mut [T], indices: &mut [i64]) {
    running(x, axis, values, indices, |x, best| x >= best);
}

/// The smallest element so far. Otherwise as [`cummax`].
pub fn cummin<T: Number>(x: &[T], axis: Axis, values: &mut [T], indices: &mut [i64]) {
    running(x, axis, values, indices, |x, best| x <= best);
}

#[inline(always)]
fn running<T: Number>(x: &[T], axis: Axis, values: &mut [T], indices: &mut [i64], beats: impl Fn(T, T) -> bool + Sync) {
    axis.check_full(x.len());
    axis.check_full(values.len());
    axis.check_full(indices.len());
    if axis.numel() == 0 {
        return;
    }
    // Nothing but a NaN beats a NaN.
    let better = |x: T, best: T| beats(x, best) | x.is_nan();
    let Axis { outer, n, inner } = axis;
    let block = n * inner;
    let (values, indices) = (Part::new(values), Part::new(indices));
    for_range(outer, Grain::of(2 * block), &(values, indices), |range| {
        let elements = range.start * block..range.end * block;
        // SAFETY: ranges are disjoint.
        let (values, indices) = unsafe { (values.slice(elements.clone()), indices.slice(elements.clone())) };
        let results = values.chunks_exact_mut(block).zip(indices.chunks_exact_mut(block));
        for (x, (values, indices)) in x[elements].chunks_exact(block).zip(results) {
            if inner == 1 {
                let (mut best, mut at) = (x[0], 0);
                for (i, ((&x, value), index)) in x.iter().zip(values).zip(indices).enumerate() {
                    (best, at) = if better(x, best) { (x, i as i64) } else { (best, at) };
                    (*value, *index) = (best, at);
                }
                continue;
            }
            values[..inner].copy_from_slice(&x[..inner]);
            indices[..inner].fill(0);
            for i in 1..n {
                let (before, values) = values[(i - 1) * inner..].split_at_mut(inner);
                let (places, indices) = indices[(i - 1) * inner..].split_at_mut(inner);
                let so_far = before.iter().zip(places.iter());
                let results = values.iter_mut().zip(indices.iter_mut());
                for ((&x, (&best, &at)), (value, index)) in x[i * inner..][..inner].iter().zip(so_far).zip(results) {
                    (*value, *index) = if better(x, best) { (x, i as i64) } else { (best, at) };
                }
            }
        }
    });
}
