//! Freeing graphs of any depth without recursion.
//!
//! A node owns the nodes of its inputs, so dropping the last tensor of a chain of a million operations would recurse a
//! million deep. Instead a dying node hands what it owns to a list, and whoever finds the list idle empties it in a loop.

use crate::node::Edges;
use crate::saved::SavedSet;
use std::cell::{Cell, RefCell};

thread_local! {
    static PENDING: RefCell<Vec<(Edges, SavedSet)>> = const { RefCell::new(Vec::new()) };
    static EMPTYING: Cell<bool> = const { Cell::new(false) };
}

/// Drops what a node owned, now or, if this is called from within such a drop, right after it. Both are empty afterwards.
pub(crate) fn bury(edges: &mut Edges, saved: &mut SavedSet) {
    if edges.iter().all(Option::is_none) && saved.is_empty() {
        return;
    }
    if EMPTYING.get() {
        let remains = (std::mem::take(edges), saved.take());
        PENDING.with_borrow_mut(|pending| pending.push(remains));
        return;
    }
    EMPTYING.set(true);
    edges.clear();
    saved.clear();
    while let Some(remains) = PENDING.with_borrow_mut(Vec::pop) {
        drop(remains);
    }
    EMPTYING.set(false);
    // One deep graph should not pin its list for ever.
    PENDING.with_borrow_mut(|pending| {
        if pending.capacity() > 1024 {
            pending.shrink_to(64);
        }
    });
}
