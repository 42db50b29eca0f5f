//! Anomaly detection: nodes keep the stack of the call that made them, and gradients are searched
//! for NaN.

use crate::graph::node::Node;
use crate::graph::trace;
use crate::op::interpreter::{self, Interpreter};
use crate::op::keys::{self, Key};
use crate::op::{Grads, required};
use adjoint_tensor::{Error, Result};
use std::cell::Cell;
use std::rc::Rc;

/// Whether it is on, and what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anomaly {
    /// Whether forward stacks are kept and gradients checked.
    pub enabled: bool,
    /// Whether a NaN in a gradient is an error.
    pub check_nan: bool,
}

thread_local! {
    static STATE: Cell<Anomaly> = const { Cell::new(Anomaly { enabled: false, check_nan: true }) };
}

/// The state.
pub fn state() -> Anomaly {
    STATE.get()
}

/// Switches it; returns what it was.
pub fn set(state: Anomaly) -> Anomaly {
    interpreter::install(Key::Anomaly, &Detector);
    keys::set(Key::Anomaly, state.enabled);
    STATE.replace(state)
}

struct Detector;

impl Interpreter for Detector {
    fn node_made(&self, node: &Rc<Node>) {
        trace::trace(node);
    }

    fn check_gradients(&self, node: &Rc<Node>, grads: &Grads) -> Result<()> {
        if !state().check_nan {
            return Ok(());
        }
        for (i, g) in grads.iter().enumerate() {
            if let Some(g) = g
                && let Some(at) = (required::get().find_nan)(g)?
            {
                return Err(trace::with_trace(
                    Error::autograd(format!(
                        "function '{}' returned nan values in its {i}th output (first at element {at})",
                        node.name()
                    )),
                    node,
                ));
            }
        }
        Ok(())
    }
}
