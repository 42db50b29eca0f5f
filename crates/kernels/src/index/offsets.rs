//! Indexing by several index arrays at once: they are first made into linear offsets, then used as
//! such.

use super::bounds::{first_bad_index, wrap};
use crate::exec::{Grain, Part, for_range};

/// `offsets[j] += stride · indices[j]`, where negative indices count from the end of a dimension of
/// size `n`.
///
/// One call for each indexed dimension turns index arrays into linear offsets. On a bad index
/// nothing is changed.
///
/// **Errors**: the position of the first index outside `-n..n`. Panics when the lengths differ.
pub fn add_index_offsets(offsets: &mut [usize], indices: &[i64], n: usize, stride: usize) -> Result<(), usize> {
    assert!(offsets.len() == indices.len(), "kernel: {} offsets for {} indices", offsets.len(), indices.len());
    if let Some(position) = first_bad_index(indices, n) {
        return Err(position);
    }
    let (len, offsets) = (indices.len(), Part::new(offsets));
    for_range(len, Grain::of(3), &offsets, |range| {
        // SAFETY: ranges are disjoint.
        let offsets = unsafe { offsets.slice(range.clone()) };
        for (offset, &index) in offsets.iter_mut().zip(&indices[range]) {
            *offset += stride * wrap(index, n);
        }
    });
    Ok(())
}

/// `out[j·run..][..run] = x[offsets[j]..][..run]`.
///
/// **Errors**: panics when an offset reaches outside x, or out is not `run` elements an offset.
pub fn take<T: Copy + Send + Sync>(x: &[T], offsets: &[usize], run: usize, out: &mut [T]) {
    assert!(out.len() == offsets.len() * run, "kernel: output of {} for {} runs of {run}", out.len(), offsets.len());
    if run == 0 {
        return;
    }
    let out = Part::new(out);
    for_range(offsets.len(), Grain::of(run), &out, |range| {
        // SAFETY: ranges are disjoint.
        let out = unsafe { out.slice(range.start * run..range.end * run) };
        for (y, &offset) in out.chunks_exact_mut(run).zip(&offsets[range]) {
            y.copy_from_slice(&x[offset..][..run]);
        }
    });
}

/// `out[offsets[j]..][..run] = x[j·run..][..run]`; of equal offsets the last wins.
///
/// **Errors**: as [`take`], with the arrays' parts exchanged.
pub fn put<T: Copy>(out: &mut [T], offsets: &[usize], run: usize, x: &[T]) {
    put_with(out, offsets, run, x, |_, x| x);
}

/// `out[p] ← f(out[p], x[q])` for each element q of each run and its offset p, in order:
/// accumulation with `f` a sum. Offsets may be equal, so nothing here is independent.
///
/// **Errors**: as [`put`].
pub fn put_with<T: Copy>(out: &mut [T], offsets: &[usize], run: usize, x: &[T], f: impl Fn(T, T) -> T) {
    assert!(x.len() == offsets.len() * run, "kernel: input of {} for {} runs of {run}", x.len(), offsets.len());
    if run == 0 {
        return;
    }
    for (x, &offset) in x.chunks_exact(run).zip(offsets) {
        for (y, &x) in out[offset..][..run].iter_mut().zip(x) {
            *y = f(*y, x);
        }
    }
}
