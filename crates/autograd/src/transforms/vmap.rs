//! What calls inside a batching transform may not do.
//!
//! `vmap` runs its function once a sample, so every op is served as it is; only drawing random numbers needs an answer to
//! the question whether samples share them, and without one it is refused.

use crate::op::{Class, OpDef};
use adjoint_tensor::{Error, Result};
use std::cell::Cell;

thread_local! {
    static REFUSES_RANDOM: Cell<bool> = const { Cell::new(false) };
}

/// Switches the refusal of random ops; returns what it was.
pub fn refuse_random(on: bool) -> bool {
    REFUSES_RANDOM.replace(on)
}

/// Fails for random ops while they are refused.
#[inline]
pub(crate) fn check(op: &OpDef) -> Result<()> {
    if op.class == Class::Random && REFUSES_RANDOM.get() { Err(refused()) } else { Ok(()) }
}

#[cold]
#[inline(never)]
fn refused() -> Error {
    Error::usage(
        "called random operation while in randomness error mode of vmap; use randomness: 'different' for numbers of \
         each sample's own, or 'same' for the same in all",
    )
}
