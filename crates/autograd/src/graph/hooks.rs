//! The user's functions that run inside a backward pass: hooks on gradients, and pack and unpack
//! hooks on saved tensors.
//!
//! Hooks are called with no borrow held, so they may use the library freely.

use crate::graph::modes;
use crate::graph::node::Node;
use crate::graph::packed::Packed;
use crate::graph::tensor::{Retainer, Tensor};
use crate::op::keys::{self, Key};
use adjoint_tensor::{Error, Result};
use smallvec::SmallVec;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

/// A function on a gradient; a returned tensor replaces it.
pub type Hook = Rc<dyn Fn(&Tensor) -> Result<Option<Tensor>>>;

/// A function on a node: sees the gradients of its inputs (none before it ran) and of its outputs;
/// may replace the ones that matter next, those of the outputs before it ran and those of the
/// inputs after.
pub type NodeHook = Rc<dyn Fn(&[Option<Tensor>], &[Option<Tensor>]) -> Result<Option<Vec<Option<Tensor>>>>>;

/// Names a registered hook, to remove it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HookId(pub u32);

thread_local! {
    static NEXT: Cell<u32> = const { Cell::new(1) };
    static SAVED_HOOKS: RefCell<Vec<Rc<dyn SavedHooks>>> = const { RefCell::new(Vec::new()) };
}

fn next_id() -> HookId {
    HookId(NEXT.replace(NEXT.get() + 1))
}

/// Hooks in the order they were registered.
#[derive(Clone, Default)]
pub struct HookList(SmallVec<[(HookId, Hook); 1]>);

impl HookList {
    /// Adds one at the end.
    pub fn add(&mut self, hook: Hook) -> HookId {
        let id = next_id();
        self.0.push((id, hook));
        id
    }

    /// Removes one; false where it is not here.
    pub fn remove(&mut self, id: HookId) -> bool {
        let before = self.0.len();
        self.0.retain(|(have, _)| *have != id);
        self.0.len() != before
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Runs all in order, each seeing what the one before returned.
    #[inline(never)]
    pub fn run(&self, mut g: Tensor) -> Result<Tensor> {
        for (_, hook) in &self.0 {
            if let Some(replaced) = hook(&g)? {
                check_replacement(&g, &replaced)?;
                g = replaced;
            }
        }
        Ok(g)
    }

    /// Runs all in order on the same tensor; what they return is ignored.
    #[inline(never)]
    pub fn run_on(&self, t: &Tensor) -> Result<()> {
        for (_, hook) in &self.0 {
            hook(t)?;
        }
        Ok(())
    }
}

fn check_replacement(g: &Tensor, replaced: &Tensor) -> Result<()> {
    if replaced.shape() != g.shape() {
        return Err(Error::shape(format!(
            "a hook has changed the size of value: gradient {:?}, returned {:?}; return a tensor of the same shape",
            g.shape(),
            replaced.shape()
        )));
    }
    if replaced.dtype() != g.dtype() {
        return Err(Error::dtype(format!(
            "a hook has changed the type of value: gradient {}, returned {}; cast it with to()",
            g.dtype().name(),
            replaced.dtype().name()
        )));
    }
    Ok(())
}

/// Takes over what a hook on a node returned.
fn replace(grads: &mut [Option<Tensor>], replaced: Vec<Option<Tensor>>) -> Result<()> {
    if replaced.len() != grads.len() {
        return Err(Error::usage(format!(
            "a hook has changed the number of values: {} gradients, returned {}; return one for each, null where there is none",
            grads.len(),
            replaced.len()
        )));
    }
    for (g, new) in grads.iter_mut().zip(replaced) {
        if let (Some(g), Some(new)) = (&g, &new) {
            check_replacement(g, new)?;
        }
        *g = new;
    }
    Ok(())
}

impl fmt::Debug for HookList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} hook(s)", self.0.len())
    }
}

/// The hooks of one node.
#[derive(Default)]
pub struct NodeHooks {
    outputs: SmallVec<[(u32, HookList); 1]>,
    retainers: SmallVec<[(u32, Retainer); 1]>,
    pre: SmallVec<[(HookId, NodeHook); 1]>,
    post: SmallVec<[(HookId, NodeHook); 1]>,
}

impl fmt::Debug for NodeHooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}, {} before, {} after", self.outputs, self.pre.len(), self.post.len())
    }
}

impl Node {
    /// Adds a function that runs before the node, on the gradients of its outputs.
    pub fn add_pre_hook(&self, hook: NodeHook) -> HookId {
        let id = next_id();
        self.with_hooks(|h| h.pre.push((id, hook)));
        id
    }

    /// Adds a function that runs after the node, on the gradients of its inputs and outputs.
    pub fn add_post_hook(&self, hook: NodeHook) -> HookId {
        let id = next_id();
        self.with_hooks(|h| h.post.push((id, hook)));
        id
    }

    /// Removes a function on the node itself.
    pub fn remove_node_hook(&self, id: HookId) {
        let gone = self.hooks.borrow_mut().as_mut().map(|h| {
            let pre: Vec<_> =
                h.pre.iter().position(|(have, _)| *have == id).map(|i| h.pre.remove(i)).into_iter().collect();
            let post = h.post.iter().position(|(have, _)| *have == id).map(|i| h.post.remove(i));
            (pre, post)
        });
        drop(gone);
    }

    /// Whether there are any.
    #[inline]
    pub(crate) fn has_hooks(&self) -> bool {
        self.hooks.borrow().is_some()
    }

    pub(crate) fn has_post_hooks(&self) -> bool {
        self.hooks.borrow().as_ref().is_some_and(|h| !h.post.is_empty())
    }

    #[inline(never)]
    pub(crate) fn run_pre_hooks(&self, grads: &mut SmallVec<[Option<Tensor>; 1]>) -> Result<()> {
        let list = match &*self.hooks.borrow() {
            Some(h) if !h.pre.is_empty() => h.pre.clone(),
            _ => return Ok(()),
        };
        grads.resize(self.outputs.len(), None);
        for (_, hook) in list {
            if let Some(replaced) = hook(&[], grads)? {
                replace(grads, replaced)?;
            }
        }
        Ok(())
    }

    #[inline(never)]
    pub(crate) fn run_post_hooks(&self, produced: &mut crate::op::Grads, seen: &[Option<Tensor>]) -> Result<()> {
        let list = match &*self.hooks.borrow() {
            Some(h) => h.post.clone(),
            None => return Ok(()),
        };
        for (_, hook) in list {
            if let Some(replaced) = hook(produced, seen)? {
                replace(produced, replaced)?;
            }
        }
        Ok(())
    }

    fn with_hooks<R>(&self, f: impl FnOnce(&mut NodeHooks) -> R) -> R {
        f(self.hooks.borrow_mut().get_or_insert_with(Box::default))
    }

    pub(crate) fn add_hook(&self, index: u32, hook: Hook) -> HookId {
        self.with_hooks(|h| match h.outputs.iter_mut().find(|(i, _)| *i == index) {
            Some((_, list)) => list.add(hook),
            None => {
                let mut list = HookList::default();
                let id = list.add(hook);
                h.outputs.push((index, list));
                id
            }
        })
    }

    pub(crate) fn remove_hook(&self, id: HookId) -> bool {
        self.hooks.borrow().is_some() && self.with_hooks(|h| h.outputs.iter_mut().any(|(_, list)| list.remove(id)))
    }

    pub(crate) fn retain_grad(&self, index: u32, retainer: Retainer) {
        self.with_hooks(|h| h.retainers.push((index, retainer)));
    }

    pub(crate) fn forget_retainer(&self, retainer: &Retainer) {
        if self.hooks.borrow().is_some() {
            self.with_hooks(|h| h.retainers.retain(|(_, r)| !r.same(retainer)));
        }
    }

    /// Runs what is registered on output `index` with its gradient: hooks, then the tensors that
    /// retain it.
    #[inline(never)]
    pub(crate) fn run_output_hooks(&self, index: u32, mut g: Tensor) -> Result<Tensor> {
        let list = match &*self.hooks.borrow() {
            None => return Ok(g),
            Some(h) => h.outputs.iter().find(|(i, _)| *i == index).map(|(_, list)| list.clone()),
        };
        if let Some(list) = list {
            g = list.run(g)?;
        }
        let retainers: SmallVec<[Tensor; 1]> = match &*self.hooks.borrow() {
            None => SmallVec::new(),
            Some(h) => h.retainers.iter().filter(|(i, _)| *i == index).filter_map(|(_, r)| r.tensor()).collect(),
        };
        for t in retainers {
            let total = match t.grad() {
                // A copy: changing one `.grad` in place must not reach another.
                None => (crate::op::required::get().clone)(&g)?,
                Some(old) => (crate::op::required::get().add)(&old, &g)?,
            };
            t.put_grad(Some(total));
        }
        Ok(g)
    }
}

/// The user's functions on saved tensors, `saved_tensors_hooks`.
pub trait SavedHooks {
    /// Names the pair.
    fn id(&self) -> u32;
    /// Turns a tensor about to be saved into something else, named by a key.
    fn pack(&self, t: &Tensor) -> Result<u32>;
    /// Turns it back.
    fn unpack(&self, key: u32) -> Result<Tensor>;
    /// The node that kept it is gone.
    fn forget(&self, key: u32);
}

/// Makes these hooks the ones new nodes use; ends with [`remove_saved_hooks`].
pub fn push_saved_hooks(hooks: Rc<dyn SavedHooks>) {
    SAVED_HOOKS.with_borrow_mut(|stack| stack.push(hooks));
    keys::set(Key::SavedHooks, true);
}

/// Ends the innermost [`push_saved_hooks`] of these hooks; what they packed stays theirs to unpack.
pub fn remove_saved_hooks(id: u32) {
    let removed = SAVED_HOOKS.with_borrow_mut(|stack| {
        let at = stack.iter().rposition(|hooks| hooks.id() == id);
        let removed = at.map(|at| stack.remove(at));
        keys::set(Key::SavedHooks, !stack.is_empty());
        removed
    });
    drop(removed);
}

/// Packs `t` with the innermost hooks, if there are any. They see the values without history, and
/// neither hooks nor the tape are on while they run.
pub(crate) fn pack(t: &Tensor) -> Result<Option<Rc<Packed>>> {
    let Some(hooks) = SAVED_HOOKS.with_borrow(|stack| stack.last().cloned()) else { return Ok(None) };
    let stack = SAVED_HOOKS.with_borrow_mut(std::mem::take);
    let version = t.version();
    let key = {
        let _off = modes::GradMode::set(false);
        hooks.pack(&t.detach())
    };
    SAVED_HOOKS.with_borrow_mut(|current| *current = stack);
    keys::set(Key::SavedHooks, true);
    let packed = Packed::new(hooks, key?, t)?;
    if t.version() != version {
        return Err(Error::autograd(
            "a saved tensor pack hook is modifying its input in place; it must leave it as it is, clone() it first",
        ));
    }
    Ok(Some(Rc::new(packed)))
}
