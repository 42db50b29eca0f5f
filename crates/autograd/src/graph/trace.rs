//! Stacks of forward calls, which anomaly detection keeps with nodes.

use crate::graph::node::Node;
use adjoint_tensor::Error;
use std::cell::Cell;
use std::rc::Rc;

/// Where anomaly detection keeps stacks of forward calls.
#[derive(Clone, Copy)]
pub struct Traces {
    /// Stores the current stack and gives its key, which is not 0.
    pub keep: fn() -> u32,
    /// The stored text.
    pub read: fn(u32) -> String,
    /// The node it belongs to is gone.
    pub forget: fn(u32),
}

thread_local! {
    static TRACES: Cell<Option<Traces>> = const { Cell::new(None) };
}

/// Hands the stack functions in.
pub fn install(traces: Traces) {
    TRACES.set(Some(traces));
}

pub(crate) fn trace(node: &Rc<Node>) {
    if let Some(traces) = TRACES.get() {
        node.set_trace((traces.keep)());
    }
}

/// Gives a kept stack up.
pub(crate) fn forget_trace(key: u32) {
    if let (Some(traces), true) = (TRACES.get(), key != 0) {
        (traces.forget)(key);
    }
}

/// Adds the forward stack of `node`, where one was kept.
pub(crate) fn with_trace(error: Error, node: &Rc<Node>) -> Error {
    match TRACES.get() {
        Some(traces) if node.trace() != 0 => error.with("forwardStack", (traces.read)(node.trace())),
        _ => error,
    }
}
