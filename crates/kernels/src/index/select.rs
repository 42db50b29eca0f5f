//! Whole slices along an axis: selecting them, writing them, adding to them.

use super::bounds::{check_all, wrap, wrap_good};
use crate::exec::{Grain, Part, for_range};
use crate::reduce::Axis;
use crate::scratch;

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
    if outer >= RUNS_FROM {
        check_all(indices, n);
        let Some(runs) = runs(indices, n) else { return };
        if RUN * runs.len() <= indices.len() {
            return select_runs(x, axis, &runs, out);
        }
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

/// Outer positions from which on neighbouring indices are looked for: they are found once and serve
/// all positions.
const RUNS_FROM: usize = 8;
/// Indices that a run has on average, at least, where runs are copied.
const RUN: usize = 4;
/// Elements from which on a run is copied by a call.
const CALL: usize = 16;

/// Where the runs of indices that count up begin, and how long they are.
fn runs(indices: &[i64], n: usize) -> Option<Vec<(usize, usize)>> {
    let starts = |j: usize| j == 0 || wrap_good(indices[j], n) != wrap_good(indices[j - 1], n) + 1;
    let mut runs = scratch::with_room(indices.len())?;
    for (j, &index) in indices.iter().enumerate() {
        match runs.last_mut() {
            Some((_, len)) if !starts(j) => *len += 1,
            #[allow(clippy::disallowed_methods, reason = "the capacity was reserved")]
            _ => runs.push((wrap_good(index, n), 1)),
        }
    }
    Some(runs)
}

/// [`index_select`] of runs within the axis.
fn select_runs<T: Copy + Send + Sync>(x: &[T], axis: Axis, runs: &[(usize, usize)], out: &mut [T]) {
    let Axis { outer, n, inner } = axis;
    let (size, out) = (out.len() / outer, Part::new(out));
    for_range(outer, Grain::of(size), &out, |range| {
        // SAFETY: ranges are disjoint.
        let out = unsafe { out.slice(range.start * size..range.end * size) };
        let blocks = x[range.start * n * inner..range.end * n * inner].chunks_exact(n * inner);
        for (block, mut out) in blocks.zip(out.chunks_exact_mut(size)) {
            for &(start, len) in runs {
                let (to, rest) = out.split_at_mut(len * inner);
                let from = &block[start * inner..][..to.len()];
                if to.len() >= CALL {
                    to.copy_from_slice(from);
                } else {
                    // Not a copy of unknown length, which would be a call.
                    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
                }
                out = rest;
            }
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
    if axis.inner == 1 {
        return add_elements(out, axis, indices, x, add);
    }
    each_slice(out, axis, indices, x, |to, from| {
        for (y, &x) in to.iter_mut().zip(from) {
            *y = add(*y, x);
        }
    });
}

/// [`index_add`] of slices of one element.
fn add_elements<T: Copy + Send + Sync>(
    out: &mut [T],
    axis: Axis,
    indices: &[i64],
    x: &[T],
    add: impl Fn(T, T) -> T + Sync,
) {
    let (n, len) = (axis.n, indices.len());
    axis.check_full(out.len());
    Axis { n: len, ..axis }.check_full(x.len());
    if x.is_empty() {
        return;
    }
    check_all(indices, n);
    let out = Part::new(out);
    for_range(axis.outer, Grain::of(2 * len), &out, |range| {
        // SAFETY: ranges are disjoint.
        let out = unsafe { out.slice(range.start * n..range.end * n) };
        let rows = x[range.start * len..range.end * len].chunks_exact(len);
        for (out, row) in out.chunks_exact_mut(n).zip(rows) {
            for (&x, &index) in row.iter().zip(indices) {
                // SAFETY: every index was found to be in the row.
                let y = unsafe { out.get_unchecked_mut(wrap_good(index, n)) };
                *y = add(*y, x);
            }
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
