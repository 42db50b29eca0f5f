//! The function transforms that are running, as far as operations must know of them.
//!
//! A transform's function may read what it captures and must not write it: a gradient would leak
//! out of the transform, and `vmap`, which runs its function once a sample, would write once a
//! sample. Every tensor knows the transform it was made in, by a number that only rises, so
//! "captured" is "made before the innermost transform began". Views count as made when their base
//! was.
//!
//! Inside `vmap`, what is computed from a sample is marked, so that reading its value can be
//! refused: it would make the result depend on values in a way no batched run could follow.

use crate::graph::modes;
use crate::graph::tensor::Tensor;
use crate::op::interpreter::{self, Interpreter};
use crate::op::keys::{self, Key};
use crate::transforms::vmap;
use adjoint_tensor::{Error, Result};
use std::cell::{Cell, RefCell};

/// What a transform does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Differentiates: grad, vjp, jvp and what is made of them.
    Derivative,
    /// Batches.
    Vmap,
}

thread_local! {
    static LAST: Cell<u32> = const { Cell::new(0) };
    static OPEN: RefCell<Vec<(u32, Kind)>> = const { RefCell::new(Vec::new()) };
}

/// Begins a transform.
pub fn enter(kind: Kind) {
    let number = LAST.get() + 1;
    LAST.set(number);
    OPEN.with_borrow_mut(|open| open.push((number, kind)));
    changed();
}

/// Ends the innermost transform.
pub fn exit() {
    OPEN.with_borrow_mut(Vec::pop);
    changed();
}

/// Brings up to date what follows from the transforms that are open.
fn changed() {
    let (innermost, is_vmap) = OPEN.with_borrow(|open| {
        (open.last().map_or(0, |(number, _)| *number), open.iter().any(|(_, kind)| *kind == Kind::Vmap))
    });
    modes::set_transform(innermost);
    interpreter::install(Key::Transform, &CapturedTensors);
    keys::set(Key::Transform, innermost != 0);
    vmap::set_open(is_vmap);
}

/// Notes that the innermost transform was given `t` as an argument: its function may write it.
pub fn admit(t: &Tensor) {
    t.set_made_in(modes::transform());
}

/// Notes that `t` is what the innermost transform, a `vmap`, gives its function for one sample.
pub fn mark_sample(t: &Tensor) {
    admit(t);
    t.set_sample_of(modes::transform());
}

/// The innermost `vmap` at work that `t` is a sample of, or was computed from one; 0 is none.
fn sample_of(t: &Tensor) -> u32 {
    let number = t.sample_of();
    let is_open = number != 0 && OPEN.with_borrow(|open| open.iter().any(|(n, _)| *n == number));
    if is_open { number } else { 0 }
}

/// Whether the value of `t` belongs to one sample of a `vmap` at work.
pub fn is_sample(t: &Tensor) -> bool {
    sample_of(t) != 0
}

/// Marks what was computed from samples.
pub(super) fn mark_results(inputs: &[Option<&Tensor>], results: &[Tensor]) {
    let number = inputs.iter().flatten().map(|t| sample_of(t)).max().unwrap_or(0);
    for out in results.iter().filter(|_| number != 0) {
        out.set_sample_of(number);
    }
}

/// Refuses to write what a transform's function captured.
struct CapturedTensors;

impl Interpreter for CapturedTensors {
    fn check_written(&self, t: &Tensor) -> Result<()> {
        if t.made_in() >= modes::transform() { Ok(()) } else { Err(captured()) }
    }
}

#[cold]
#[inline(never)]
fn captured() -> Error {
    let kind = OPEN.with_borrow(|open| open.last().map_or(Kind::Derivative, |(_, kind)| *kind));
    Error::usage(match kind {
        Kind::Derivative => {
            "during a grad (vjp, jvp, grad, etc) transform, the function provided attempted to call an in-place operation \
             that would mutate a captured tensor; rewrite the function being transformed to explicitly accept the mutated \
             tensor as an input, or clone() it first"
        }
        Kind::Vmap => {
            "writing in place is not possible in vmap because the tensor is not being vmapped over: it was made outside of \
             the function, which runs once a sample; clone() it first, or use the out-of-place form"
        }
    })
}
