//! [`Tensor`]: an array with its edge in a graph.

use crate::graph::hooks::{Hook, HookId, HookList};
use crate::graph::modes;
use crate::graph::node::{Edge, Node, NodeKind, OutMeta};
use crate::graph::view::ViewOf;
use crate::op::interpreter::{self, Untraced};
use crate::op::keys;
use adjoint_tensor::{Array, DType, Error, Result, Scalar};
use smallvec::smallvec;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

/// A reference-counted tensor. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Tensor {
    inner: Rc<Inner>,
    tangents: Option<Rc<TangentLevel>>,
}

#[derive(Debug)]
struct Inner {
    array: Array,
    state: Cell<u32>,
    /// The transform it was made in: of a view, that of what it is a view of.
    made_in: Cell<u32>,
    /// The transform in which this object was made.
    born_in: u32,
    grad_fn: RefCell<Option<Edge>>,
    /// Held here alone. An `Rc` because dropping one costs a call only where there is one; the drop
    /// of a box is a call always.
    more: RefCell<Option<Rc<More>>>,
}

/// What is true of a tensor, as bits of its state: one number, since every operation asks for
/// several and a fresh tensor is none of them.
mod is {
    /// A number beside tensors, which promotes as one.
    pub const NUMBER: u32 = 1;
    /// Made in inference mode.
    pub const INFERENCE: u32 = 2;
    /// A leaf of which gradients are wanted.
    pub const REQUIRES_GRAD: u32 = 4;
    /// May require grad: it has an edge or is a view, or gradients of it are wanted.
    pub const MAY_REQUIRE_GRAD: u32 = 8;
    /// Its `.grad` is filled although it is no leaf.
    pub const RETAINING: u32 = 16;
    /// There is [`super::More`] to it.
    pub const MORE: u32 = 32;
    /// Its handle was given other data; see [`super::Tensor::set_data`].
    pub const REPLACED: u32 = 64;
}

impl Inner {
    #[inline(always)]
    fn has(&self, bits: u32) -> bool {
        self.state.get() & bits != 0
    }

    fn set(&self, bit: u32, on: bool) {
        let rest = self.state.get() & !bit;
        self.state.set(if on { rest | bit } else { rest });
    }
}

/// What only some tensors have.
#[derive(Debug, std::default::Default)]
struct More {
    grad: Option<Tensor>,
    accumulator: Weak<Node>,
    hooks: HookList,
    post_hooks: HookList,
    view: Option<ViewOf>,
    /// Whether a function transform made this leaf for itself.
    of_transform: bool,
    /// The tensor that its handle names since it was given other data. A graph made before knows
    /// only this one.
    replaced_by: Option<Tensor>,
}

/// The message where a hook after accumulation is asked for on what accumulates nothing.
pub(crate) const NO_POST_HOOK: &str =
    "post accumulate grad hooks cannot be registered on non-leaf tensors; use registerHook";

/// The tangent of a value at one level of forward mode, above those of lower levels.
#[derive(Debug)]
pub struct TangentLevel {
    /// The transform it belongs to; inner transforms have higher levels.
    pub level: u32,
    /// The derivative along the transform's direction.
    pub tangent: Tensor,
    /// The tangents of lower levels, those of outer transforms.
    pub below: Option<Rc<TangentLevel>>,
}

impl Tensor {
    fn build(array: Array, state: u32, grad_fn: Option<Edge>) -> Self {
        if keys::tensors_are_usual() {
            return Tensor::build_as(array, state, grad_fn);
        }
        Tensor::build_unusual(array, state, grad_fn)
    }

    /// The same in inference mode, or while calls are captured.
    #[cold]
    fn build_unusual(array: Array, state: u32, grad_fn: Option<Edge>) -> Self {
        let inference = if modes::inference() { is::INFERENCE } else { 0 };
        let t = Tensor::build_as(array, state | inference, grad_fn);
        interpreter::tensor_made(&t);
        t
    }

    #[inline(always)]
    fn build_as(array: Array, state: u32, grad_fn: Option<Edge>) -> Self {
        let state = if grad_fn.is_some() { state | is::MAY_REQUIRE_GRAD } else { state };
        Tensor {
            inner: Rc::new(Inner {
                array,
                state: Cell::new(state),
                made_in: Cell::new(modes::transform()),
                born_in: modes::transform(),
                grad_fn: RefCell::new(grad_fn),
                more: RefCell::new(None),
            }),
            tangents: None,
        }
    }

    /// A tensor without history.
    pub fn from_array(array: Array) -> Self {
        Tensor::build(array, 0, None)
    }

    /// A tensor, made by a node perhaps, outside inference mode, which the caller has ruled out.
    #[inline(always)]
    pub(crate) fn plain(array: Array, made_by: Option<Edge>) -> Self {
        Tensor::build_as(array, 0, made_by)
    }

    /// A 0-dim tensor that promotes as a number does.
    pub fn number(value: Scalar) -> Result<Self> {
        let dtype = match value {
            Scalar::Float(_) => DType::Float64,
            v => v.dtype(),
        };
        Ok(Tensor::build(Array::full(&[], dtype, value)?, is::NUMBER, None))
    }

    /// A view of the storage of `source`, without history. An inference tensor exactly where
    /// `source` is one.
    pub(crate) fn view_of(source: &Tensor, array: Array) -> Self {
        let t = Tensor::build_as(array, source.inner.state.get() & is::INFERENCE, None);
        t.set_made_in(source.made_in());
        t
    }

    pub(crate) fn made_in(&self) -> u32 {
        self.inner.made_in.get()
    }

    pub(crate) fn set_made_in(&self, transform: u32) {
        self.inner.made_in.set(transform);
    }

    /// The transform in which this object was made: for a leaf, that whose gradients it takes.
    pub(crate) fn born_in(&self) -> u32 {
        self.inner.born_in
    }

    /// A tensor for an edge, to start or end a backward pass there; its values are never read.
    pub fn placeholder(array: Array, edge: Edge) -> Self {
        Tensor::build(array, 0, Some(edge))
    }

    /// A tensor made by a node.
    pub(crate) fn with_edge(array: Array, edge: Option<Edge>) -> Self {
        Tensor::build(array, 0, edge)
    }

    /// The values.
    #[inline]
    pub fn array(&self) -> &Array {
        &self.inner.array
    }

    /// Sizes, outermost first.
    #[inline]
    pub fn shape(&self) -> &[usize] {
        self.inner.array.shape()
    }

    /// The number of dims.
    #[inline]
    pub fn rank(&self) -> usize {
        self.inner.array.rank()
    }

    /// The number of elements.
    #[inline]
    pub fn numel(&self) -> usize {
        self.inner.array.numel()
    }

    /// The type of the elements.
    #[inline]
    pub fn dtype(&self) -> DType {
        self.inner.array.dtype()
    }

    /// Whether it is a number beside tensors, which promotes as one.
    #[inline]
    pub fn is_wrapped_number(&self) -> bool {
        self.inner.has(is::NUMBER)
    }

    /// Whether it was made in inference mode.
    #[inline]
    pub fn is_inference(&self) -> bool {
        self.inner.has(is::INFERENCE)
    }

    /// Names the object while it lives.
    pub fn address(&self) -> usize {
        Rc::as_ptr(&self.inner) as usize
    }

    /// Whether both are the same tensor object.
    pub fn ptr_eq(&self, other: &Tensor) -> bool {
        Rc::ptr_eq(&self.inner, &other.inner)
    }

    /// Whether both are the same tensor object with the same tangents.
    pub fn is_same(&self, other: &Tensor) -> bool {
        let same_tangents = match (&self.tangents, &other.tangents) {
            (None, None) => true,
            (Some(a), Some(b)) => Rc::ptr_eq(a, b),
            _ => false,
        };
        same_tangents && self.ptr_eq(other)
    }

    /// Whether this is the only reference to the tensor and its storage, so that its bytes may be
    /// reused.
    pub fn is_unshared(&self) -> bool {
        Rc::strong_count(&self.inner) == 1 && self.inner.array.is_unshared()
    }

    /// Whether there are other references to this tensor.
    #[inline]
    pub(crate) fn is_held_elsewhere(&self) -> bool {
        Rc::strong_count(&self.inner) > 1
    }

    /// Drops a tensor with which at most numbers go; one with which more may go, perhaps the user's
    /// code, is given back.
    #[inline(always)]
    pub fn drop_numbers(self) -> Option<Tensor> {
        if self.tangents.is_some() || self.inner.has(is::MAY_REQUIRE_GRAD | is::MORE) {
            return Some(self);
        }
        None
    }

    /// How many in-place changes its storage has seen.
    pub fn version(&self) -> u32 {
        self.inner.array.storage().version()
    }

    /// The tangents of the value.
    #[inline]
    pub fn tangents(&self) -> Option<&Rc<TangentLevel>> {
        self.tangents.as_ref()
    }

    /// The same tensor with other tangents.
    #[must_use]
    pub fn with_tangents(&self, tangents: Option<Rc<TangentLevel>>) -> Self {
        Tensor { inner: self.inner.clone(), tangents }
    }

    /// The tangents of the value, to change them for this holder of it only.
    pub(crate) fn tangents_mut(&mut self) -> &mut Option<Rc<TangentLevel>> {
        &mut self.tangents
    }

    /// Notes that a function transform made this leaf for itself.
    pub(crate) fn set_of_transform(&self) {
        self.more(|m| m.of_transform = true);
    }

    /// Whether a function transform made this leaf for itself.
    pub(crate) fn is_of_transform(&self) -> bool {
        self.inner.more.borrow().as_ref().is_some_and(|m| m.of_transform)
    }

    /// Whether gradients flow to it: a leaf of which they are wanted, a result of such, or a view
    /// of one of these (also one opened while nothing was recorded, which has no node).
    #[inline]
    pub fn requires_grad(&self) -> bool {
        self.inner.has(is::MAY_REQUIRE_GRAD)
            && (self.inner.has(is::REQUIRES_GRAD) || self.inner.grad_fn.borrow().is_some() || self.base_requires_grad())
    }

    /// False only where [`Tensor::requires_grad`] is.
    #[inline]
    pub(crate) fn may_require_grad(&self) -> bool {
        self.inner.has(is::MAY_REQUIRE_GRAD)
    }

    fn base_requires_grad(&self) -> bool {
        match &*self.inner.more.borrow() {
            Some(more) => more.view.as_ref().is_some_and(|v| v.base.requires_grad()),
            None => false,
        }
    }

    /// Whether it is a view with history whose storage was written since its node was made.
    fn is_stale(&self) -> bool {
        match &*self.inner.more.borrow() {
            Some(more) => more.view.as_ref().is_some_and(|v| v.is_stale(&self.inner.array) && v.base.requires_grad()),
            None => false,
        }
    }

    /// Whether no recorded operation made it.
    pub fn is_leaf(&self) -> bool {
        self.inner.grad_fn.borrow().is_none() && !self.is_stale()
    }

    /// Sets `requires_grad`. Only leaves can be changed, and only floating-point ones can require
    /// gradients.
    pub fn set_requires_grad(&self, on: bool) -> Result<()> {
        if !self.is_leaf() {
            if on {
                return Ok(());
            }
            return Err(Error::autograd(
                "you can only change requiresGrad of leaf tensors; \
                 to use a computed tensor where no gradient is wanted, detach() it",
            ));
        }
        if on && !self.dtype().is_float() {
            return Err(Error::autograd(format!(
                "only tensors of floating-point dtype can require gradients, got {}; cast with to('float32') first",
                self.dtype().name()
            )));
        }
        if on && self.is_inference() && !modes::inference() {
            return Err(Error::autograd(
                "setting requiresGrad on an inference tensor outside inferenceMode() is not allowed; clone() it first",
            ));
        }
        if on {
            self.inner.set(is::MAY_REQUIRE_GRAD, true);
        }
        self.inner.set(is::REQUIRES_GRAD, on);
        Ok(())
    }

    /// The accumulated gradient.
    pub fn grad(&self) -> Option<Tensor> {
        self.inner.more.borrow().as_ref().and_then(|m| m.grad.clone())
    }

    /// Replaces the accumulated gradient, which must have this tensor's shape and dtype.
    pub fn set_grad(&self, grad: Option<Tensor>) -> Result<()> {
        if let Some(g) = &grad {
            if g.shape() != self.shape() {
                return Err(Error::shape(format!(
                    "attempting to assign a gradient of shape {:?} to a tensor of shape {:?}; they must be the same",
                    g.shape(),
                    self.shape()
                )));
            }
            if g.dtype() != self.dtype() {
                return Err(Error::dtype(format!(
                    "attempting to assign a gradient of dtype {} to a tensor of dtype {}; cast it with to()",
                    g.dtype().name(),
                    self.dtype().name()
                )));
            }
            if g.ptr_eq(self) {
                return Err(Error::autograd("a tensor cannot be its own gradient; clone() it"));
            }
        }
        self.put_grad(grad);
        Ok(())
    }

    pub(crate) fn put_grad(&self, grad: Option<Tensor>) {
        if grad.is_none() && self.inner.more.borrow().is_none() {
            return;
        }
        let old = self.more(|m| std::mem::replace(&mut m.grad, grad));
        drop(old);
    }

    /// Whether `.grad` is filled although this is not a leaf.
    pub fn retains_grad(&self) -> bool {
        self.inner.has(is::RETAINING)
    }

    /// Asks for `.grad` of a computed tensor. No effect on leaves.
    pub fn retain_grad(&self) -> Result<()> {
        if !self.requires_grad() {
            return Err(Error::autograd(
                "can't retainGrad on a tensor that has requiresGrad=false; call requiresGrad_() on its inputs",
            ));
        }
        let Some(edge) = self.grad_fn()? else { return Ok(()) };
        if !self.inner.has(is::RETAINING) {
            self.inner.set(is::RETAINING, true);
            edge.node.retain_grad(edge.index, Retainer(Rc::downgrade(&self.inner)));
        }
        Ok(())
    }

    /// The node that made it; `None` for leaves. Rebuilt for a view whose base was written since,
    /// which fails for views whose history would be lost by that.
    pub fn grad_fn(&self) -> Result<Option<Edge>> {
        if self.is_stale() {
            let known = self.inner.grad_fn.borrow().clone();
            self.with_view(|v| v.map_or(Ok(()), |v| v.allows_change(known.as_ref(), true)))?;
            self.rebuild()?;
        }
        Ok(self.inner.grad_fn.borrow().clone())
    }

    /// Gives a view the node of a view of its base as that is now.
    pub(crate) fn rebuild(&self) -> Result<()> {
        let Some(base) = self.base() else { return Ok(()) };
        let edge = ViewOf::rebuild(&base, self)?;
        let version = self.version();
        self.with_view(|view| {
            if let Some(view) = view {
                view.set_version(version);
            }
        });
        self.rebase(Some(edge));
        Ok(())
    }

    /// Its edge as it was recorded last, however stale.
    pub fn known_grad_fn(&self) -> Option<Edge> {
        self.inner.grad_fn.borrow().clone()
    }

    /// Where its gradient is sent: the node that made it, or the accumulator of a leaf that
    /// requires grad.
    pub fn edge(&self) -> Result<Option<Edge>> {
        if !self.inner.has(is::MAY_REQUIRE_GRAD) {
            return Ok(None);
        }
        if let Some(edge) = self.written_edge() {
            return Ok(Some(edge));
        }
        if let Some(edge) = self.grad_fn()? {
            return Ok(Some(edge));
        }
        if !self.inner.has(is::REQUIRES_GRAD) {
            return Ok(None);
        }
        Ok(Some(Edge { node: self.accumulator(), index: 0 }))
    }

    /// [`Tensor::edge`] where nothing can go wrong; otherwise `fails` is set.
    #[inline(always)]
    pub(crate) fn edge_unless(&self, fails: &mut bool) -> Option<Edge> {
        if !self.inner.has(is::MAY_REQUIRE_GRAD) {
            return None;
        }
        if let Some(edge) = self.written_edge() {
            return Some(edge);
        }
        let mut index = 0;
        let node = self.found_node(&mut index, fails)?;
        Some(Edge { node, index })
    }

    /// The node of [`Tensor::edge`] and its output, apart. Fails also for a view that needs a new
    /// node: old nodes may be dropped then, and the user's functions may run.
    #[inline(never)]
    fn found_node(&self, index: &mut u32, fails: &mut bool) -> Option<Rc<Node>> {
        let found = if self.is_stale() { None } else { self.edge().ok() };
        *fails |= found.is_none();
        found.flatten().map(|edge| {
            *index = edge.index;
            edge.node
        })
    }

    /// Its edge where that is as it was recorded: a tensor without [`More`] is not a view.
    #[inline(always)]
    fn written_edge(&self) -> Option<Edge> {
        if self.inner.has(is::MORE) { None } else { self.inner.grad_fn.borrow().clone() }
    }

    /// The accumulator of a leaf, where a graph holds one.
    pub(crate) fn present_accumulator(&self) -> Option<Rc<Node>> {
        self.inner.more.borrow().as_ref().and_then(|m| m.accumulator.upgrade())
    }

    fn accumulator(&self) -> Rc<Node> {
        if let Some(node) = self.present_accumulator() {
            return node;
        }
        let leaf = Tensor { inner: self.inner.clone(), tangents: None };
        let node = Node::new(NodeKind::Accumulate(leaf), smallvec![], smallvec![OutMeta::of(self)]);
        self.more(|m| m.accumulator = Rc::downgrade(&node));
        node
    }

    /// Gives a new tensor its edge.
    #[inline]
    pub(crate) fn set_history(&self, edge: Edge) {
        self.inner.set(is::MAY_REQUIRE_GRAD, true);
        self.inner.grad_fn.replace(Some(edge));
    }

    /// Gives the tensor a new edge, as an in-place operation does.
    pub(crate) fn rebase(&self, edge: Option<Edge>) {
        let retained = self.inner.has(is::RETAINING);
        if edge.is_some() {
            self.inner.set(is::MAY_REQUIRE_GRAD, true);
        }
        let old = self.inner.grad_fn.replace(edge.clone());
        if retained {
            if let Some(old) = &old {
                old.node.forget_retainer(&Retainer(Rc::downgrade(&self.inner)));
            }
            if let Some(new) = &edge {
                new.node.retain_grad(new.index, Retainer(Rc::downgrade(&self.inner)));
            }
        }
    }

    /// The same values without history; shares storage and version.
    #[must_use]
    pub fn detach(&self) -> Self {
        let t = Tensor::view_of(self, self.inner.array.clone());
        interpreter::tensor_made(&t);
        t
    }

    /// The value of a tensor of one element, for ops whose result depends on it beyond their
    /// kernels.
    ///
    /// # Errors
    /// There are more elements; or calls are captured, and the value is not a number beside tensors: a replay would not read it again.
    pub fn read_value(&self) -> Result<Scalar> {
        self.check_read()?;
        self.inner.array.item()
    }

    /// The same for all values, as integers.
    ///
    /// # Errors
    /// As [`Tensor::read_value`].
    pub fn read_values(&self) -> Result<Vec<i64>> {
        self.check_read()?;
        self.inner.array.to_vec_i64()
    }

    fn check_read(&self) -> Result<()> {
        if self.is_wrapped_number() {
            return Ok(());
        }
        interpreter::check_traced(Untraced::Value)
    }

    /// The same values without history, with a version of their own: PyTorch's `t.data`.
    pub fn data(&self) -> Result<Self> {
        Ok(Tensor::view_of(self, self.inner.array.alias(0)?))
    }

    /// The tensor that replaces this one, with the values of `source`, which it shares: PyTorch's
    /// `t.data = source`. Gradient, hooks, version and edge stay; of a view only the edge.
    pub fn set_data(&self, source: &Tensor) -> Result<Self> {
        if self.requires_grad() && !source.dtype().is_float() {
            return Err(Error::autograd(format!(
                "the data of a tensor that requires gradients must be of floating-point dtype, got {}",
                source.dtype().name()
            )));
        }
        if self.tangents.is_some() || source.tangents.is_some() {
            return Err(Error::autograd("cannot be set inside a function transform; use copy_()"));
        }
        let state = self.inner.state.get() & (is::INFERENCE | is::REQUIRES_GRAD | is::MAY_REQUIRE_GRAD);
        let array = source.array().alias(self.version())?;
        let t = Tensor::build_as(array, state, self.inner.grad_fn.borrow().clone());
        t.set_made_in(self.made_in());
        let carried =
            self.inner.more.borrow().as_ref().map(|m| (m.grad.clone(), m.hooks.clone(), m.post_hooks.clone()));
        if let Some((grad, hooks, post_hooks)) = carried {
            t.more(|m| (m.grad, m.hooks, m.post_hooks) = (grad, hooks, post_hooks));
        }
        if self.inner.has(is::RETAINING) {
            t.retain_grad()?;
        }
        self.more(|m| m.replaced_by = Some(t.clone()));
        self.inner.set(is::REPLACED, true);
        Ok(t)
    }

    /// Whether its handle was given other data.
    #[inline(always)]
    pub(crate) fn is_replaced(&self) -> bool {
        self.inner.has(is::REPLACED)
    }

    /// The tensor that its handle names now: itself where it was not given other data.
    pub(crate) fn current(&self) -> Tensor {
        let next = self.inner.more.borrow().as_ref().and_then(|m| m.replaced_by.clone());
        next.map_or_else(|| self.clone(), |next| next.current())
    }

    /// Forgets its history: the tensor becomes a leaf that does not require grad. Views cannot,
    /// since their base has one.
    pub fn detach_in_place(&self) -> Result<()> {
        if self.base().is_some() && self.visible_base().is_none() {
            // The program knows it as its base, from which it is detached now.
            self.more(|m| m.view = None);
        }
        if self.base().is_some() {
            return Err(Error::autograd("can't detach a view in place; use detach() instead"));
        }
        self.inner.set(is::REQUIRES_GRAD, false);
        // The graph that was made with it fills its `.grad` still, if that was wanted.
        let old = self.inner.grad_fn.replace(None);
        drop(old);
        Ok(())
    }

    /// The tensor this one is a view of.
    pub fn base(&self) -> Option<Tensor> {
        self.inner.more.borrow().as_ref().and_then(|m| m.view.as_ref().map(|v| v.base.clone()))
    }

    /// The tensor this one is a view of, as the program sees it: `None` where the program knows it
    /// as the base itself.
    pub fn visible_base(&self) -> Option<Tensor> {
        self.base().filter(|_| self.with_view(|v| v.is_some_and(|v| !v.replaces_base.get())))
    }

    /// The tensor this one is a view of, and the tangents which that had when the view was made.
    pub(crate) fn base_and_tangents(&self) -> Option<(Tensor, Option<Rc<TangentLevel>>)> {
        let more = self.inner.more.borrow();
        more.as_ref().and_then(|m| m.view.as_ref().map(|v| (v.base.clone(), v.tangents.borrow().clone())))
    }

    /// Something to know this tensor again by, which does not keep it alive.
    pub(crate) fn retainer(&self) -> Retainer {
        Retainer(Rc::downgrade(&self.inner))
    }

    /// Runs `f` with how this view came to be, where it is one.
    pub(crate) fn with_view<R>(&self, f: impl FnOnce(Option<&ViewOf>) -> R) -> R {
        f(self.inner.more.borrow().as_ref().and_then(|m| m.view.as_ref()))
    }

    pub(crate) fn set_view(&self, view: ViewOf) {
        self.inner.set(is::MAY_REQUIRE_GRAD, true);
        self.more(|m| m.view = Some(view));
    }

    fn more<R>(&self, f: impl FnOnce(&mut More) -> R) -> R {
        self.inner.set(is::MORE, true);
        let mut more = self.inner.more.borrow_mut();
        f(Rc::get_mut(more.get_or_insert_default()).expect("only the tensor holds it"))
    }

    /// Whether only this handle leads to the hooks on this tensor: no other holder and no graph.
    /// `node` is the address of the node they are on, 0 for those of a leaf, which are on the
    /// tensor itself.
    pub fn holds_hooks_alone(&self, node: usize) -> bool {
        if Rc::strong_count(&self.inner) > 1 || self.tangents.is_some() || self.inner.has(is::REPLACED) {
            return false;
        }
        match (&*self.inner.grad_fn.borrow(), node) {
            (None, 0) => self.inner.more.borrow().as_ref().is_none_or(|m| m.replaced_by.is_none()),
            (Some(edge), node) => Rc::as_ptr(&edge.node) as usize == node && Rc::strong_count(&edge.node) == 1,
            (None, _) => false,
        }
    }

    /// Adds a function that sees, and may replace, the gradient whenever one is computed.
    pub fn register_hook(&self, hook: Hook) -> Result<HookId> {
        if !self.requires_grad() {
            return Err(Error::autograd(
                "cannot register a hook on a tensor that doesn't require gradient; call requiresGrad_() first",
            ));
        }
        Ok(match self.grad_fn()? {
            Some(edge) => edge.node.add_hook(edge.index, hook),
            None => self.more(|m| m.hooks.add(hook)),
        })
    }

    /// Adds a function that runs after `.grad` of this leaf was written.
    pub fn register_post_accumulate_hook(&self, hook: Hook) -> Result<HookId> {
        if !self.requires_grad() {
            return Err(Error::autograd("cannot register a hook on a tensor that doesn't require gradient"));
        }
        if !self.is_leaf() {
            return Err(Error::autograd(NO_POST_HOOK));
        }
        Ok(self.more(|m| m.post_hooks.add(hook)))
    }

    /// Removes a hook wherever it was put; false where it is not found.
    pub fn remove_hook(&self, id: HookId) -> Result<bool> {
        let here = match self.inner.more.borrow_mut().as_mut().and_then(Rc::get_mut) {
            Some(more) => more.hooks.remove(id) || more.post_hooks.remove(id),
            None => false,
        };
        Ok(here || self.grad_fn()?.is_some_and(|edge| edge.node.remove_hook(id)))
    }

    /// Whether the user's code sees the gradient of this leaf on its way.
    pub fn has_leaf_hooks(&self) -> bool {
        self.inner.more.borrow().as_ref().is_some_and(|m| !m.hooks.is_empty() || !m.post_hooks.is_empty())
    }

    pub(crate) fn leaf_hooks(&self) -> Option<HookList> {
        self.inner.more.borrow().as_ref().map(|m| m.hooks.clone()).filter(|h| !h.is_empty())
    }

    pub(crate) fn post_hooks(&self) -> Option<HookList> {
        self.inner.more.borrow().as_ref().map(|m| m.post_hooks.clone()).filter(|h| !h.is_empty())
    }
}

/// A tensor whose `.grad` a node fills although it is not a leaf. Weak: the graph does not keep
/// results alive.
#[derive(Clone, Debug)]
pub(crate) struct Retainer(Weak<Inner>);

impl Retainer {
    pub fn tensor(&self) -> Option<Tensor> {
        self.0.upgrade().map(|inner| Tensor { inner, tangents: None })
    }

    pub fn is_of(&self, t: &Tensor) -> bool {
        std::ptr::eq(self.0.as_ptr(), Rc::as_ptr(&t.inner))
    }

    pub fn is_gone(&self) -> bool {
        self.0.strong_count() == 0
    }

    pub fn same(&self, other: &Retainer) -> bool {
        self.0.ptr_eq(&other.0)
    }
}
