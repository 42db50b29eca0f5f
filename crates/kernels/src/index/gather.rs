//! An index for every element, along one axis.

use super::bounds::{BLOCK, check_all, wrap_good};
use crate::exec::{Grain, Part, for_range};
use crate::reduce::Axis;
use std::ops::Range;

/// `out[o, j, c] = x[o, indices[o, j, c], c]`.
///
/// **Shapes**: x is `[outer, n, inner]`, indices and out `[outer, len, inner]`. Where PyTorch lets
/// the indices be smaller than x in another dimension, narrow x first.
///
/// **Errors**: panics on an index outside `-n..n`, or when an array does not have the elements its
/// shape needs.
pub fn gather<T: Copy + Send + Sync>(x: &[T], axis: Axis, indices: &[i64], len: usize, out: &mut [T]) {
    axis.check_full(x.len());
    check_indices(axis, indices, len, out.len());
    let (rows, out) = (len * axis.inner, Part::new(out));
    for_range(axis.outer, Grain::of(2 * rows), &out, |range| {
        let first = range.start * rows;
        // SAFETY: ranges are disjoint.
        let out = unsafe { out.slice(first..range.end * rows) };
        each_index(axis, indices, len, range, |at, from| {
            // SAFETY: `at` counts the indices of the range and `from` is an element of x.
            unsafe { *out.get_unchecked_mut(at - first) = *x.get_unchecked(from) };
        });
    });
}

/// `out[o, indices[o, j, c], c] = x[o, j, c]`; of equal indices the last wins.
///
/// **Shapes**: out is `[outer, n, inner]`, indices and x `[outer, len, inner]`.
///
/// **Errors**: as [`gather`].
pub fn scatter<T: Copy + Send + Sync>(out: &mut [T], axis: Axis, indices: &[i64], len: usize, x: &[T]) {
    scatter_with(out, axis, indices, len, x, |_, x| x);
}

/// `out[p] ← f(out[p], x[o, j, c])` at `p = (o, indices[o, j, c], c)`, in order of the elements of
/// x: scatter-add with `f` a sum, scatter-reduce with a product, a maximum, ….
///
/// **Shapes** and **Errors**: as [`scatter`].
pub fn scatter_with<T: Copy + Send + Sync>(
    out: &mut [T],
    axis: Axis,
    indices: &[i64],
    len: usize,
    x: &[T],
    f: impl Fn(T, T) -> T + Sync,
) {
    axis.check_full(out.len());
    check_indices(axis, indices, len, x.len());
    let (rows, out) = (axis.n * axis.inner, Part::new(out));
    for_range(axis.outer, Grain::of(3 * len * axis.inner), &out, |range| {
        let first = range.start * rows;
        // SAFETY: ranges are disjoint.
        let out = unsafe { out.slice(first..range.end * rows) };
        each_index(axis, indices, len, range, |at, to| {
            // SAFETY: `to` is an element of the range's outer positions, and x has one an index.
            let (y, x) = unsafe { (out.get_unchecked_mut(to - first), *x.get_unchecked(at)) };
            *y = f(*y, x);
        });
    });
}

fn check_indices(axis: Axis, indices: &[i64], len: usize, elements: usize) {
    let axis = Axis { n: len, ..axis };
    axis.check_full(indices.len());
    axis.check_full(elements);
}

/// Calls `f(position in indices, position in an array of `axis`)` for the indices of some outer
/// positions, in order. Both positions exist: indices are checked a block at a time, before they are
/// used.
#[inline(always)]
fn each_index(axis: Axis, indices: &[i64], len: usize, outer: Range<usize>, mut f: impl FnMut(usize, usize)) {
    let Axis { n, inner, .. } = axis;
    for o in outer {
        let base = o * n * inner;
        for j in (0..len).step_by(if inner == 1 { BLOCK } else { 1 }) {
            let mut at = (o * len + j) * inner;
            if inner == 1 {
                let block = &indices[at..][..BLOCK.min(len - j)];
                check_all(block, n);
                for &index in block {
                    f(at, base + wrap_good(index, n));
                    at += 1;
                }
                continue;
            }
            let row = &indices[at..][..inner];
            check_all(row, n);
            for (c, &index) in row.iter().enumerate() {
                f(at, base + wrap_good(index, n) * inner + c);
                at += 1;
            }
        }
    }
}
