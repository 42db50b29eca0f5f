//! Handles: the numbers by which JavaScript names tensors, nodes and scopes.
//!
//! The tensors of a scope are a list in the table of tensors (see [`crate::slots`]), and the handle
//! of that list names the scope. Results of calls join the innermost scope; other handles do when
//! JavaScript asks for it.

use crate::slots::Slots;
use adjoint_autograd::{Node, Tensor};
use adjoint_tensor::{Code, Error, Result};
use std::cell::RefCell;
use std::rc::Rc;

thread_local! {
    static TENSORS: RefCell<Slots<Tensor>> = const { RefCell::new(Slots::new()) };
    static NODES: RefCell<Slots<Rc<Node>>> = const { RefCell::new(Slots::new()) };
}

/// Makes the table of tensors free again after a call that an exception ended. Small calls compute
/// while it is borrowed ([`compute`]) and change it only once they have a result, so it is whole.
///
/// # Safety
/// As [`unlock`](adjoint_kernels::abandoned::unlock).
pub unsafe fn unlock() {
    // SAFETY: the caller's promise.
    unsafe { adjoint_kernels::abandoned::unlock(&TENSORS) };
}

/// Gives out handles from this generation on, so that those of an instance that died name nothing
/// in its successor.
pub fn start_at_generation(generation: u32) {
    TENSORS.with_borrow_mut(|t| t.start_at_generation(generation));
    NODES.with_borrow_mut(|t| t.start_at_generation(generation));
}

/// How many tensors JavaScript holds.
pub fn live_tensors() -> usize {
    TENSORS.with_borrow(Slots::live)
}

/// All tensors JavaScript holds.
pub fn all_tensors() -> Vec<Tensor> {
    TENSORS.with_borrow(|table| table.values().cloned().collect())
}

/// The tensor of `handle`. The clone shares it; no borrow is left behind, so JavaScript may run.
#[inline]
pub fn tensor(handle: i32) -> Result<Tensor> {
    TENSORS.with_borrow(|t| t.get(handle).cloned()).ok_or_else(disposed)
}

/// Whether nothing but the tensor of `handle` leads to the hooks on it, which are on `node` or, for
/// 0, on a leaf.
pub fn holds_hooks_alone(handle: i32, node: usize) -> bool {
    TENSORS.with_borrow(|t| t.get(handle).is_some_and(|t| t.holds_hooks_alone(node)))
}

/// A handle, of the innermost scope, for what `f` makes of the tensors of these handles. `None`
/// where a handle names nothing, `f` makes nothing, or there are no more handles. `f` must not call
/// JavaScript, nor give handles out or back.
#[inline(always)]
pub fn compute<const N: usize>(handles: [i32; N], f: impl FnOnce([&Tensor; N]) -> Option<Tensor>) -> Option<i32> {
    let made = TENSORS.with_borrow_mut(|table| {
        let first = table.get(*handles.first()?)?;
        let mut tensors = [first; N];
        for i in 1..N {
            tensors[i] = table.get(handles[i])?;
        }
        let made = f(tensors)?;
        Some(table.insert_listed(made))
    });
    made?.ok()
}

/// A new handle for `t`, of no scope.
#[inline]
pub fn new_handle(t: Tensor) -> Result<i32> {
    TENSORS.with_borrow_mut(|table| table.insert(t)).map_err(|(e, _)| e)
}

/// A new handle for `t`, of the innermost scope.
#[inline]
pub fn new_scoped_handle(t: Tensor) -> Result<i32> {
    TENSORS.with_borrow_mut(|table| table.insert_listed(t)).map_err(|(e, _)| e)
}

/// Lets `handle` name another tensor.
pub fn replace(handle: i32, t: Tensor) {
    let old = TENSORS.with_borrow_mut(|table| table.replace(handle, t));
    drop(old);
}

/// Gives a handle back. One that is not out is ignored: disposing twice is harmless.
#[inline]
pub fn release(handle: i32) {
    let t = TENSORS.with_borrow_mut(|table| table.remove(handle));
    if let Some(t) = t.and_then(Tensor::drop_numbers) {
        let_go(t);
    }
}

/// Drops a tensor that a handle named. A gradient that was computed with `createGraph` leads back
/// to the tensor that holds it: once no handle names that, the gradient cannot be read, and both
/// would stay for ever.
#[inline(never)]
fn let_go(t: Tensor) {
    if t.grad().is_some_and(|grad| grad.requires_grad()) && !is_named(&t) {
        // Only one of another shape or dtype is refused.
        _ = t.set_grad(None);
    }
}

/// Whether a handle names this tensor.
fn is_named(t: &Tensor) -> bool {
    TENSORS.with_borrow(|table| table.values().any(|other| other.ptr_eq(t)))
}

/// Opens a scope, now the innermost.
pub fn open_scope() -> Result<i32> {
    TENSORS.with_borrow_mut(Slots::open)
}

/// Makes a scope the innermost; 0 is none.
pub fn enter_scope(scope: i32) {
    TENSORS.with_borrow_mut(|table| table.enter(scope));
}

/// Gives a handle to a scope, or for 0 to none.
pub fn give_to_scope(handle: i32, scope: i32) {
    TENSORS.with_borrow_mut(|table| table.list_on(handle, scope));
}

/// The handles of a scope.
pub fn scope_handles(scope: i32) -> Result<Vec<i32>> {
    TENSORS.with_borrow(|table| table.listed(scope))
}

/// How many tensors are of no scope.
#[cold]
pub fn unscoped_tensors() -> usize {
    TENSORS.with_borrow(Slots::unlisted)
}

/// Ends a scope: `next` becomes the innermost and gets the handle `passed`, if that is one; all
/// others are given back.
pub fn end_scope(scope: i32, next: i32, passed: i32) {
    TENSORS.with_borrow_mut(|table| {
        table.enter(next);
        if passed != 0 {
            table.list_on(passed, next);
        }
    });
    // What goes with a tensor may call JavaScript, so that is dropped with nothing borrowed; most
    // are numbers and no more.
    while let Some(t) = TENSORS.with_borrow_mut(|table| table.take_listed(scope, Tensor::drop_numbers)) {
        let_go(t);
    }
    TENSORS.with_borrow_mut(|table| table.close(scope));
}

/// The node of `handle`.
pub fn node(handle: i32) -> Result<Rc<Node>> {
    NODES.with_borrow(|t| t.get(handle).cloned()).ok_or_else(disposed)
}

/// A new handle for `node`.
pub fn new_node_handle(node: Rc<Node>) -> Result<i32> {
    NODES.with_borrow_mut(|table| table.insert(node)).map_err(|(e, _)| e)
}

/// Gives the handle of a node back.
pub fn release_node(handle: i32) {
    let node = NODES.with_borrow_mut(|table| table.remove(handle));
    drop(node);
}

#[cold]
fn disposed() -> Error {
    Error::new(Code::Disposed, "a tensor was used after it was disposed")
}
