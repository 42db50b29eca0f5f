//! How a loop over independent pieces runs: on the calling thread, or in a build with threads on
//! several.
//!
//! A kernel says what is independent (`n` pieces), how small a part is worth while ([`Grain`]) and
//! what is written ([`Outputs`]). It never says how the loop runs: no kernel holds a pool, a number
//! of threads or a threshold of its own.
//!
//! The binaries without threads call the loop once, with the whole range, inlined. Those with
//! threads, and native builds, also have module `pool`, which spreads it where more than one thread
//! is wanted. A build with debug assertions runs it again in several sizes and in shuffled order,
//! and compares what was written bit by bit (module `shuffled`): so every test of a kernel, and of
//! an op, is a test of this.

#[cfg(any(target_feature = "atomics", not(target_arch = "wasm32")))]
pub mod pool;
#[cfg(debug_assertions)]
mod shuffled;
mod written;

pub use written::{Outputs, Part, Shared, Span};

use std::ops::Range;

/// Elementary operations that take about 2 µs, below which starting a thread does not pay.
const WORTH_WHILE: usize = 4096;

/// The least part of a loop that is worth running apart, and where a loop may be split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grain {
    unit: usize,
    cost: usize,
}

impl Grain {
    /// For pieces of `cost` elementary operations each: an addition of floats is one, an `exp` ten.
    #[inline(always)]
    pub const fn of(cost: usize) -> Self {
        Grain { unit: 1, cost: if cost == 0 { 1 } else { cost } }
    }

    /// For pieces of so many multiply-adds each in the tiles of a product: eight take as long as an
    /// elementary operation.
    #[inline(always)]
    pub const fn of_multiply_adds(count: usize) -> Self {
        Grain::of(count / 8)
    }

    /// The same where ranges must start at multiples of `unit`, because what a kernel does with a
    /// piece depends on its index modulo `unit`.
    #[must_use]
    #[inline(always)]
    pub const fn in_units(self, unit: usize) -> Self {
        Grain { unit, ..self }
    }

    /// Pieces that are worth while.
    const fn pieces(self) -> usize {
        WORTH_WHILE / self.cost + 1
    }

    /// Pieces of a range that is worth while: a multiple of the unit.
    pub const fn least(self) -> usize {
        self.pieces().next_multiple_of(self.unit)
    }
}

/// Calls `f` on disjoint ranges that together cover `0..n`; not at all where `n` is 0.
///
/// Ranges start at multiples of the grain's unit and may run at the same time and in any order.
/// What is computed for an index must not depend on how `0..n` is split; `out` says what is
/// written.
///
/// ```
/// use adjoint_kernels::exec::{Grain, Part, for_range};
///
/// let (x, mut y) = ([1.0, 2.0, 3.0, 4.0], [0.0; 4]);
/// let out = Part::new(&mut y);
/// for_range(4, Grain::of(1), &out, |range| {
///     // SAFETY: ranges are disjoint.
///     let y = unsafe { out.slice(range.clone()) };
///     y.iter_mut().zip(&x[range]).for_each(|(y, x)| *y = 2.0 * x);
/// });
/// assert_eq!(y, [2.0, 4.0, 6.0, 8.0]);
/// ```
#[inline(always)]
pub fn for_range<F: Fn(Range<usize>) + Sync>(n: usize, grain: Grain, out: &(impl Outputs + ?Sized), f: F) {
    if n == 0 {
        return;
    }
    #[cfg(any(target_feature = "atomics", not(target_arch = "wasm32")))]
    if pool::run(n, grain, &f) {
        return;
    }
    #[cfg(debug_assertions)]
    if shuffled::run(n, grain.unit, out, &f) {
        return;
    }
    let _ = (grain, out);
    f(0..n);
}
