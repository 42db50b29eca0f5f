//! How a loop over independent pieces is run: serially, for now.
//!
//! Kernels say *what* may run apart (`n` pieces, worth splitting from `grain` on) and never *how*. A build with threads changes this one file,
//! and no kernel holds a pool, a thread count or a threshold of its own.

use std::ops::Range;

/// Calls `f` on disjoint ranges that together cover `0..n`, none shorter than `grain` unless `n` or what is left is.
///
/// Pieces must be independent: a later build may run them at the same time and in any order. How `0..n` is split must not change what is computed
/// for any index. `f` is not called when `n == 0`.
///
/// ```
/// use std::cell::Cell;
///
/// let covered = Cell::new(0);
/// adjoint_kernels::exec::for_range(10, 4, |range| covered.set(covered.get() + range.len()));
/// assert_eq!(covered.get(), 10);
/// ```
#[inline(always)]
pub fn for_range(n: usize, grain: usize, f: impl Fn(Range<usize>)) {
    debug_assert!(grain > 0, "a grain of 0 splits nothing");
    if n > 0 {
        f(0..n);
    }
}
