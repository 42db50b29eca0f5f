//! The function transforms that are running, as far as operations must know of them.
//!
//! A transform's function may read what it captures and must not write it: a gradient would leak
//! out of the transform, and in `vmap` there are as many values as samples. Every tensor knows the
//! transform it was made in, by a number that only rises, so "captured" is "made before the
//! innermost transform began". Views count as made when their base was.

use crate::graph::tensor::Tensor;
use crate::graph::{modes, node};
use crate::op::interpreter::{self, Interpreter};
use crate::op::keys::{self, Key};
use crate::transforms::vmap;
use adjoint_tensor::batch::Level;
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

/// Begins a transform that differentiates.
pub fn enter_derivative() {
    enter(Kind::Derivative);
}

/// Begins a transform.
pub(super) fn enter(kind: Kind) -> Level {
    let number = LAST.get() + 1;
    LAST.set(number);
    OPEN.with_borrow_mut(|open| open.push((number, kind)));
    changed();
    Level { number, since: node::newest() }
}

/// Ends the innermost transform.
pub fn exit() {
    if let Some((_, Kind::Vmap)) = OPEN.with_borrow_mut(Vec::pop) {
        vmap::exit();
    }
    changed();
}

/// Brings up to date what follows from the transforms that are open.
fn changed() {
    let innermost = OPEN.with_borrow(|open| open.last().map_or(0, |(number, _)| *number));
    modes::set_transform(innermost);
    interpreter::install(Key::Transform, &CapturedTensors);
    keys::set(Key::Transform, innermost != 0);
}

/// Notes that the innermost transform was given `t` as an argument: its function may write it.
pub fn admit(t: &Tensor) {
    t.set_made_in(modes::transform());
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
             the function, or outside of vmap its gradient or tangent is asked for; clone() it first, or use the out-of-place form"
        }
    })
}
