//! Freeing graphs of any depth without recursion.
//!
//! A node owns the nodes of its inputs, so dropping the last tensor of a chain of a million
//! operations would recurse a million deep. Instead a node that is dropped puts what may take
//! others along on a queue, which the outermost drop empties in a loop.

use crate::graph::node::{Edge, Edges, Node};
use crate::graph::saved::SavedSet;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

thread_local! {
    static NODES: RefCell<Vec<Rc<Node>>> = const { RefCell::new(Vec::new()) };
    static SAVED: RefCell<Vec<SavedSet>> = const { RefCell::new(Vec::new()) };
    static EMPTYING: Cell<bool> = const { Cell::new(false) };
}

/// Whether nothing here is borrowed.
pub(crate) fn is_free() -> bool {
    NODES.with(|cell| cell.try_borrow_mut().is_ok()) && SAVED.with(|cell| cell.try_borrow_mut().is_ok())
}

/// The call that was emptying the lists, if any, was abandoned.
pub(crate) fn stop_emptying() {
    EMPTYING.set(false);
}

/// Drops what a node owned, now or, if this is called from within such a drop, right after it. Both
/// are empty afterwards.
#[inline(always)]
pub(crate) fn drop_later(edges: &mut Edges, saved: &mut SavedSet) {
    let mut last = false;
    for edge in edges.iter_mut() {
        if let Some(Edge { node, .. }) = edge.take() {
            node.users.set(node.users.get() - 1);
            last |= leave(node);
        }
    }
    saved.take_nodes(|node| last |= leave(node));
    if saved.is_light() {
        saved.free();
    } else {
        SAVED.with_borrow_mut(|pending| pending.push(saved.take()));
        last = true;
    }
    if last {
        empty();
    }
}

/// Gives up one hold on a node; whether that was the last, so that the node is on the list now.
#[inline(always)]
fn leave(node: Rc<Node>) -> bool {
    let is_last = Rc::strong_count(&node) == 1;
    if is_last {
        NODES.with_borrow_mut(|pending| pending.push(node));
    }
    is_last
}

/// Drops what is on the queue, unless a drop further out does so already.
#[inline(never)]
fn empty() {
    if EMPTYING.replace(true) {
        return;
    }
    loop {
        if let Some(node) = NODES.with_borrow_mut(Vec::pop) {
            drop(node);
        } else if let Some(saved) = SAVED.with_borrow_mut(Vec::pop) {
            drop(saved);
        } else {
            break;
        }
    }
    NODES.with_borrow_mut(trim);
    SAVED.with_borrow_mut(trim);
    EMPTYING.set(false);
}

/// One deep graph should not pin its lists for ever.
fn trim<T>(pending: &mut Vec<T>) {
    if pending.capacity() > 1024 {
        pending.shrink_to(64);
    }
}
