//! Calls inside a batching transform.
//!
//! `vmap` runs its function once a sample, so every op computes as it is. Two things need care:
//! drawing random numbers needs an answer to the question whether samples share them, and without
//! one it is refused; and what is computed from a sample is marked, so that reading its value can
//! be refused.

use crate::op::interpreter::{self, Below, Interpreter, Invocation};
use crate::op::keys::{self, Key};
use crate::op::{Class, Outputs};
use crate::transforms::stack;
use adjoint_tensor::{Error, Result};
use std::cell::Cell;

thread_local! {
    static REFUSES_RANDOM: Cell<bool> = const { Cell::new(false) };
    static IS_OPEN: Cell<bool> = const { Cell::new(false) };
}

/// Switches the refusal of random ops; returns what it was.
pub fn refuse_random(on: bool) -> bool {
    let was = REFUSES_RANDOM.replace(on);
    changed();
    was
}

/// Says whether a `vmap` is among the transforms that run.
pub(super) fn set_open(on: bool) {
    IS_OPEN.set(on);
    changed();
}

fn changed() {
    interpreter::install(Key::Vmap, &Vmap);
    keys::set(Key::Vmap, IS_OPEN.get() || REFUSES_RANDOM.get());
}

struct Vmap;

impl Interpreter for Vmap {
    fn call(&self, call: &Invocation, below: Below) -> Result<Outputs> {
        let draws = call.op.class == Class::Random && (call.in_place || !call.is_composite());
        if draws && REFUSES_RANDOM.get() {
            return Err(refused());
        }
        let outputs = below.call(call)?;
        stack::mark_results(call.inputs, call.results(&outputs));
        Ok(outputs)
    }
}

#[cold]
#[inline(never)]
fn refused() -> Error {
    Error::usage(
        "called random operation while in randomness error mode of vmap; use randomness: 'different' for numbers of \
         each sample's own, or 'same' for the same in all",
    )
}
