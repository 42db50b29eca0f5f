//! Whole slices along an axis: selecting them, writing them, adding to them.

use super::bounds::wrap;
use crate::exec::{Grain, Part, for_range};
use crate::reduce::Axis;

/// `out[o, j, c] = x[o, indices[j], c]`.
///
/// **Shapes**: x is `[outer, n, inner]`, out `[outer, indices.len(), inner]`.
///
/// **Errors**: panics on an index outside `-n..n`, or when an array does not have the elements its
/// shape needs.
pub fn index_select<T: Copy + Send + Sync>(x: &[T], axis: Axis, indices: &[i64], out: &mut [T]) {
    axis.check_full(x.len());
    let Axis { outer, n, inner } = axis;
    Axis { outer, n: indices.len(), inner }.check_full(out.len());
    if out.is_empty() {
        return;
    }
    let (len, out) = (indices.len(), Part::new(out));
    for_range(outer * len, Grain::of(inner), &out, |slices| {
        let mut at = slices.start;
        let (mut o, mut first) = if at == 0 { (0, 0) } else { (at / len, at % len) };
        while at < slices.end {
            // As many slices as belong to one outer position.
            let indices = &indices[first..len.min(first + slices.end - at)];
            // SAFETY: slices are apart.
            let out = unsafe { out.slice(at * inner..(at + indices.len()) * inner) };
            let x = &x[o * n * inner..][..n * inner];
            if inner == 1 {
                for (y, &index) in out.iter_mut().zip(indices) {
                    *y = x[wrap(index, n)];
                }
            } else {
                for (run, &index) in out.chunks_exact_mut(inner).zip(indices) {
                    run.copy_from_slice(slice(x, wrap(index, n), inner));
                }
            }
            at += indices.len();
            (o, first) = (o + 1, 0);
        }
    });
}

/// `out[o, indices[j], c] = x[o, j, c]`; of equal indices the last wins.
///
/// **Shapes**: out is `[outer, n, inner]`, x `[outer, indices.len(), inner]`.
///
/// **Errors**: as [`index_select`].
pub fn index_copy<T: Copy + Send + Sync>(out: &mut [T], axis: Axis, indices: &[i64], x: &[T]) {
    each_slice(out, axis, indices, x, |to, from| to.copy_from_slice(from));
}

/// `out[o, indices[j], c] ← add(out[o, indices[j], c], x[o, j, c])`, in order of `j`: the
/// derivative of [`index_select`], and of an embedding.
///
/// **Shapes** and **Errors**: as [`index_copy`].
pub fn index_add<T: Copy + Send + Sync>(
    out: &mut [T],
    axis: Axis,
    indices: &[i64],
    x: &[T],
    add: impl Fn(T, T) -> T + Sync,
) {
    each_slice(out, axis, indices, x, |to, from| {
        for (y, &x) in to.iter_mut().zip(from) {
            *y = add(*y, x);
        }
    });
}

#[inline(always)]
fn each_slice<T: Copy + Send + Sync>(
    out: &mut [T],
    axis: Axis,
    indices: &[i64],
    x: &[T],
    f: impl Fn(&mut [T], &[T]) + Sync,
) {
    axis.check_full(out.len());
    let Axis { outer, n, inner } = axis;
    Axis { outer, n: indices.len(), inner }.check_full(x.len());
    if x.is_empty() {
        return;
    }
    let out = Part::new(out);
    // Slices of one outer position may meet, in order.
    for_range(outer, Grain::of(2 * indices.len() * inner), &out, |range| {
        for o in range {
            // SAFETY: ranges are disjoint.
            let out = unsafe { out.slice(o * n * inner..(o + 1) * n * inner) };
            let x = &x[o * indices.len() * inner..][..indices.len() * inner];
            for (from, &index) in x.chunks_exact(inner).zip(indices) {
                let at = wrap(index, n);
                assert!(at < n, "kernel: index {index} is outside an axis of {n}");
                f(&mut out[at * inner..][..inner], from);
            }
        }
    });
}

/// Slice number `at` of `x`.
#[inline(always)]
fn slice<T>(x: &[T], at: usize, inner: usize) -> &[T] {
    let n = x.len() / inner;
    assert!(at < n, "kernel: index is outside an axis of {n}");
    &x[at * inner..][..inner]
}
