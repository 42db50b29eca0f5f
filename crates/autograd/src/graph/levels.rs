//! The `vmap`s at work: how many samples each has, and how these draw random numbers.

use adjoint_tensor::batch::{Batch, BatchDim, Level};
use std::cell::RefCell;

/// How the samples of a `vmap` draw random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Randomness {
    /// Not at all.
    Refused,
    /// Each its own.
    Different,
    /// All the same.
    Same,
}

#[derive(Clone, Copy)]
struct Open {
    dim: BatchDim,
    randomness: Randomness,
}

thread_local! {
    static OPEN: RefCell<Vec<Open>> = const { RefCell::new(Vec::new()) };
}

/// Begins one inside of the others.
pub(crate) fn open(level: Level, size: usize, randomness: Randomness) {
    OPEN.with_borrow_mut(|open| open.push(Open { dim: BatchDim { level, size, stride: 0 }, randomness }));
}

/// Ends the innermost.
pub(crate) fn close() {
    OPEN.with_borrow_mut(Vec::pop);
}

/// The innermost.
pub fn innermost() -> Option<BatchDim> {
    OPEN.with_borrow(|open| open.last().map(|open| open.dim))
}

/// Whether the `vmap` of this number is at work.
pub(crate) fn is_open(number: u32) -> bool {
    OPEN.with_borrow(|open| open.iter().any(|open| open.dim.level.number == number))
}

/// Whether samples of any may not draw random numbers.
pub(crate) fn refuse_random() -> bool {
    OPEN.with_borrow(|open| open.iter().any(|open| open.randomness == Randomness::Refused))
}

/// The dims along which random numbers differ, whatever is drawn.
pub(crate) fn drawn() -> Batch {
    OPEN.with_borrow(|open| {
        open.iter().filter(|open| open.randomness == Randomness::Different).map(|open| open.dim).collect()
    })
}

/// Whether all samples of a `vmap` draw the same numbers.
pub(crate) fn draws_same(number: u32) -> bool {
    OPEN.with_borrow(|open| {
        open.iter().any(|open| open.dim.level.number == number && open.randomness == Randomness::Same)
    })
}
