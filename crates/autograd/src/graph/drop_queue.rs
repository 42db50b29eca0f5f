//! Freeing graphs of any depth without recursion.
//!
//! A node owns the nodes of its inputs, so dropping the last tensor of a chain of a million
//! operations would recurse a million deep. Instead a node that is dropped puts what may take
//! others along on a queue, which the outermost drop empties in a loop.

use crate::graph::node::{Edge, Edges, Node};
use crate::graph::saved::SavedSet;
use adjoint_tensor::{Result, memory};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

thread_local! {
    static NODES: RefCell<Vec<Rc<Node>>> = const { RefCell::new(Vec::new()) };
    static SAVED: RefCell<Vec<SavedSet>> = const { RefCell::new(Vec::new()) };
    static EMPTYING: Cell<bool> = const { Cell::new(false) };
    /// The most edges of a node, where they are more than a few.
    static WIDEST: Cell<usize> = const { Cell::new(0) };
}

/// Lists of more than these are given back.
const FEW: usize = 1024;

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
    if pending.capacity() > FEW {
        pending.shrink_to(WIDEST.get().max(64));
    }
}

/// Has room for the nodes behind a node with `edges`, from now on: they come here when it is dropped, which cannot fail. A list for
/// the usual number is served from what the allocator has set aside.
#[inline(always)]
pub(crate) fn reserve(edges: usize) -> Result<()> {
    if edges <= FEW { Ok(()) } else { reserve_many(edges) }
}

#[cold]
fn reserve_many(edges: usize) -> Result<()> {
    if edges <= WIDEST.get() {
        return Ok(());
    }
    let bytes = edges.saturating_mul(size_of::<Rc<Node>>());
    NODES.with_borrow_mut(|pending| pending.try_reserve(edges)).map_err(|_| memory::out_of_memory(bytes))?;
    WIDEST.set(edges);
    Ok(())
}
