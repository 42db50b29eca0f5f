//! Rows turned round.

use crate::exec::{Grain, Part, for_range};

/// `out[r, c] = x[r, n − 1 − c]`.
///
/// **Shapes**: x and out are rows of `n`.
///
/// **Errors**: panics when x and out differ in length, or are not whole rows.
pub fn reverse_rows<T: Copy + Send + Sync>(x: &[T], n: usize, out: &mut [T]) {
    assert!(x.len() == out.len(), "kernel: output of {} for {} elements", out.len(), x.len());
    if x.is_empty() {
        return;
    }
    assert!(x.len() % n == 0, "kernel: {} elements are no rows of {n}", x.len());
    let (rows, out) = (x.len() / n, Part::new(out));
    for_range(rows, Grain::of(n), &out, |range| {
        let elements = range.start * n..range.end * n;
        // SAFETY: ranges are disjoint.
        let out = unsafe { out.slice(elements.clone()) };
        for (out, row) in out.chunks_exact_mut(n).zip(x[elements].chunks_exact(n)) {
            for (y, &x) in out.iter_mut().zip(row.iter().rev()) {
                *y = x;
            }
        }
    });
}
