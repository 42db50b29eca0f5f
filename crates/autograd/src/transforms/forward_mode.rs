//! Forward mode: tangents that travel with values.
//!
//! A dual tensor is a tensor with a [`TangentLevel`]: the tangent of one `jvp` transform. Transforms nest;
//! an inner transform has a higher level, and the tangents of a level are themselves duals of the
//! levels below, which is what makes derivatives of derivatives right and keeps different
//! transforms from mixing (no perturbation confusion). Memory is constant in the depth of the
//! computation: a tangent lives as long as its value.
//!
//! The tape works beside it: a node made from duals keeps its saved values as duals while the level
//! is open, so that a backward pass inside the level gives the tangents of the gradients (forward
//! over reverse). When a level closes, its tangents are taken out of all nodes, and duals that
//! outlive it count as values without tangents: level numbers are never used twice.

use crate::dispatch::custom::{Called, CustomNode, Output};
use crate::graph::hooks::{Hook, HookId};
use crate::graph::modes;
use crate::graph::node::{Node, NodeKind};
use crate::graph::tensor::{NO_POST_HOOK, TangentLevel, Tensor};
use crate::op::interpreter::{self, Below, Interpreter, Invocation, Untraced};
use crate::op::keys::{self, Key};
use crate::op::{Grads, OpDef, Outputs, Tangents, Vjp, required};
use crate::transforms::forward_in_place::{self, Written};
use crate::transforms::forward_rules::push;
use adjoint_tensor::{Error, Result};
use smallvec::SmallVec;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

thread_local! {
    static LAST: Cell<u32> = const { Cell::new(0) };
    static OPEN: RefCell<Vec<Level>> = const { RefCell::new(Vec::new()) };
    /// Levels from this one on are not looked at: what runs now computes values and tangents below
    /// it.
    static CEILING: Cell<u32> = const { Cell::new(u32::MAX) };
}

/// While it lives, tangents of `level` and of the levels above it are not seen. The value of a
/// written tensor would get its tangent back otherwise, since that is found by the tensor.
pub(super) struct Ceiling(u32);

impl Ceiling {
    pub fn lower(level: u32) -> Ceiling {
        Ceiling(CEILING.replace(level.min(CEILING.get())))
    }
}

impl Drop for Ceiling {
    fn drop(&mut self) {
        CEILING.set(self.0);
    }
}

/// An open level, and the nodes that keep tangents of it.
struct Level {
    number: u32,
    nodes: Vec<Weak<Node>>,
    /// The tangents of what was written in place.
    written: Vec<Written>,
}

/// Opens a level and returns its number; close it with [`exit_level`].
pub fn enter_level() -> u32 {
    let number = LAST.get() + 1;
    LAST.set(number);
    interpreter::install(Key::ForwardMode, &ForwardMode);
    OPEN.with_borrow_mut(|open| open.push(Level { number, nodes: Vec::new(), written: Vec::new() }));
    number
}

/// Closes the innermost level: its tangents are forgotten.
pub fn exit_level() {
    let Some(level) = OPEN.with_borrow_mut(Vec::pop) else { return };
    let has_written = OPEN.with_borrow(|open| open.iter().any(|l| !l.written.is_empty()));
    keys::set(Key::ForwardMode, has_written);
    for node in level.nodes.iter().filter_map(Weak::upgrade) {
        if let NodeKind::Op(record) = &node.kind {
            // Taken out one by one and dropped with nothing borrowed, since a tangent may be the
            // last hold on a graph.
            let gone = record.saved.borrow_mut().forget_tangents(level.number);
            drop(gone);
        }
    }
}

/// The innermost level; 0 is none.
pub fn level() -> u32 {
    OPEN.with_borrow(|open| open.last().map_or(0, |l| l.number))
}

/// The tangents `t` has at open levels: those it was given, and in place of them those of what was
/// written since.
pub(super) fn live(t: &Tensor) -> Option<Rc<TangentLevel>> {
    let given = live_tangents(t.tangents());
    if !keys::is_active(Key::ForwardMode) {
        return given;
    }
    let base = t.base().unwrap_or_else(|| t.with_tangents(None));
    let written: Vec<(u32, Tensor)> = OPEN.with_borrow(|open| {
        let of_base = |l: &Level| {
            let tangent = l.written.iter().find(|w| w.base.is_of(&base))?.tangent.clone();
            Some((l.number, tangent))
        };
        open.iter().filter(|l| l.number < CEILING.get()).filter_map(of_base).collect()
    });
    if written.is_empty() {
        return given;
    }
    let mut all: Vec<(u32, Tensor)> = Vec::new();
    let mut tangents = given.as_ref();
    while let Some(w) = tangents {
        if written.iter().all(|(level, _)| *level != w.level) {
            all.push((w.level, w.tangent.clone()));
        }
        tangents = w.below.as_ref();
    }
    for (level, whole) in written {
        // The layout of a view on its base exists, or the write itself would have failed.
        all.extend(forward_in_place::view_at(t, &base, &whole).ok().map(|tangent| (level, tangent)));
    }
    all.sort_by_key(|(level, _)| *level);
    all.into_iter().fold(None, |below, (level, tangent)| Some(Rc::new(TangentLevel { level, tangent, below })))
}

/// The tangents at open levels.
fn live_tangents(tangents: Option<&Rc<TangentLevel>>) -> Option<Rc<TangentLevel>> {
    let mut tangents = tangents?;
    let ceiling = CEILING.get();
    OPEN.with_borrow(|open| {
        while tangents.level >= ceiling || !open.iter().any(|l| l.number == tangents.level) {
            tangents = tangents.below.as_ref()?;
        }
        Some(tangents.clone())
    })
}

/// The tangent at `level` of a base that was written.
pub(super) fn written_tangent(base: &Tensor, level: u32) -> Option<Tensor> {
    OPEN.with_borrow(|open| {
        let level = open.iter().find(|l| l.number == level)?;
        level.written.iter().find(|w| w.base.is_of(base)).map(|w| w.tangent.clone())
    })
}

/// Keeps the tangent of a base that was written.
pub(super) fn keep_written(base: &Tensor, level: u32, tangent: Tensor) {
    let gone = OPEN.with_borrow_mut(|open| {
        let Some(level) = open.iter_mut().find(|l| l.number == level) else { return Vec::new() };
        let (kept, gone) = std::mem::take(&mut level.written)
            .into_iter()
            .partition(|w: &Written| !w.base.is_of(base) && !w.base.is_gone());
        level.written = kept;
        level.written.push(Written { base: base.retainer(), tangent });
        gone
    });
    keys::set(Key::ForwardMode, true);
    // Dropped with nothing borrowed, since a tangent may be the last hold on a graph.
    drop::<Vec<Written>>(gone);
}

/// The innermost open level at which `t` has a tangent; 0 where it has none.
pub fn level_of(t: &Tensor) -> u32 {
    live(t).map_or(0, |tangents| tangents.level)
}

/// [`Tensor::register_post_accumulate_hook`] for what may be a dual: to the program that is a view, though it shares what it
/// has of its primal, and views accumulate nothing.
pub fn register_post_accumulate_hook(t: &Tensor, hook: Hook) -> Result<HookId> {
    if t.requires_grad() && level_of(t) > 0 {
        return Err(Error::autograd(NO_POST_HOOK));
    }
    t.register_post_accumulate_hook(hook)
}

/// The tensor with its tangents of open levels alone.
pub(super) fn with_live(t: &Tensor) -> Tensor {
    t.with_tangents(live(t))
}

/// The value with a tangent at `level`, which must be higher than the levels it has.
pub fn make_dual(primal: &Tensor, tangent: &Tensor, level: u32) -> Result<Tensor> {
    if level == 0 {
        return Err(Error::autograd(
            "trying to create a dual tensor for forward AD but no level exists, make sure to enterDualLevel() first",
        ));
    }
    if primal.shape() != tangent.shape() {
        return Err(Error::shape(format!(
            "primal and tangent must have the same shape, got {:?} and {:?}",
            primal.shape(),
            tangent.shape()
        )));
    }
    if primal.dtype() != tangent.dtype() {
        return Err(Error::dtype(format!(
            "primal and tangent must have the same dtype, got {} and {}",
            primal.dtype().name(),
            tangent.dtype().name()
        )));
    }
    if !primal.dtype().is_float() {
        return Err(Error::dtype(format!(
            "expected the primal to be floating-point, got {}; integers have no tangents",
            primal.dtype().name()
        )));
    }
    if live(primal).is_some_and(|w| w.level >= level) {
        return Err(Error::autograd("the primal has a tangent at this level already; unpackDual() it first"));
    }
    Ok(joined(primal, tangent.clone(), level))
}

/// A value and its tangent at a level above all it has.
fn joined(primal: &Tensor, tangent: Tensor, level: u32) -> Tensor {
    primal.with_tangents(Some(Rc::new(TangentLevel { level, tangent, below: live(primal) })))
}

/// As [`unpack_dual`], for the program: the value of a tensor that was written is another tensor
/// object, which has no tangent at this level.
pub fn take_apart(t: &Tensor, level: u32) -> Result<(Tensor, Option<Tensor>)> {
    let (primal, tangent) = unpack_dual(t, level);
    let base = t.base().unwrap_or_else(|| t.with_tangents(None));
    if written_tangent(&base, level).is_none() {
        return Ok((primal, tangent));
    }
    let alias = Tensor::with_edge(primal.array().clone(), primal.edge()?);
    Ok((alias.with_tangents(primal.tangents().cloned()), tangent))
}

/// The value without its tangent at `level`, and that tangent.
pub fn unpack_dual(t: &Tensor, level: u32) -> (Tensor, Option<Tensor>) {
    match live(t) {
        Some(tangents) if tangents.level == level => {
            (t.with_tangents(tangents.below.clone()), Some(tangents.tangent.clone()))
        }
        _ => (t.clone(), None),
    }
}

struct ForwardMode;

impl Interpreter for ForwardMode {
    fn call(&self, call: &Invocation, below: Below) -> Result<Outputs> {
        // What a composite calls is looked at itself; a step refuses tangents.
        if call.is_update() || (call.is_composite() && !call.in_place) {
            return below.call(call);
        }
        interpreter::check_traced(Untraced::Duals)?;
        let inputs: Inputs = call.inputs.iter().map(|t| t.map(with_live)).collect();
        if call.in_place { forward_in_place::run(call, &inputs, below) } else { run(call, &inputs, below) }
    }
}

/// The inputs of a call, as duals or without tangents.
pub(super) type Inputs = SmallVec<[Option<Tensor>; 3]>;

/// The same inputs as a call has them.
pub(super) fn refs(inputs: &[Option<Tensor>]) -> SmallVec<[Option<&Tensor>; 3]> {
    inputs.iter().map(Option::as_ref).collect()
}

/// Whether some input may have a tangent.
fn have_tangents(inputs: &[Option<Tensor>]) -> bool {
    keys::is_active(Key::ForwardMode) || inputs.iter().flatten().any(|t| t.tangents().is_some())
}

/// The innermost level at which some input has a tangent; 0 where none has.
pub(super) fn innermost(inputs: &[Option<Tensor>]) -> u32 {
    inputs.iter().flatten().filter_map(|t| t.tangents().map(|w| w.level)).max().unwrap_or(0)
}

/// Runs an op on live duals, one level at a time, the innermost first: the values below it, and
/// then the tangents.
fn run(call: &Invocation, inputs: &[Option<Tensor>], below: Below) -> Result<Outputs> {
    let (op, attrs) = (call.op, call.attrs);
    let level = innermost(inputs);
    if level == 0 {
        return below.call(&Invocation { inputs: &refs(inputs), ..*call });
    }
    let mut primals = Inputs::new();
    let mut tangents = Inputs::new();
    for t in inputs {
        let (primal, tangent) = t.as_ref().map(|t| unpack_dual(t, level)).unzip();
        primals.push(primal);
        tangents.push(tangent.flatten());
    }
    let _ceiling = Ceiling::lower(level);
    let outputs = if have_tangents(&primals) {
        run(call, &primals.iter().map(|t| t.as_ref().map(with_live)).collect::<Inputs>(), below)?
    } else {
        below.call(&Invocation { inputs: &refs(&primals), ..*call })?
    };
    // A result of integers (`prod` with that dtype) is a constant, whatever the op.
    if matches!(op.vjp, Vjp::None(_)) || !outputs.iter().any(|out| out.dtype().is_float()) {
        return Ok(outputs);
    }
    let pushed = push(&Tangents { op, primals: &primals, tangents: &tangents, attrs, outputs: &outputs })?;
    let duals: Outputs = outputs
        .iter()
        .zip(pushed)
        .map(|(out, tangent)| match tangent {
            Some(t) if out.dtype().is_float() => {
                let t = if t.dtype() == out.dtype() { t } else { (required::get().cast)(&t, out.dtype())? };
                Ok(joined(out, t, level))
            }
            _ => Ok(out.clone()),
        })
        .collect::<Result<_>>()?;
    keep_duals(op, level, inputs, &duals)?;
    keep_base_tangents(inputs, &duals);
    Ok(duals)
}

/// Views remember the tangents of the whole base, which a write through them changes in part.
fn keep_base_tangents(inputs: &[Option<Tensor>], outputs: &[Tensor]) {
    let Some(Some(source)) = inputs.first() else { return };
    for out in outputs {
        out.with_view(|view| {
            if let Some(view) = view {
                let tangents =
                    source.base_and_tangents().map_or_else(|| source.tangents().cloned(), |(_, tangents)| tangents);
                drop(view.tangents.replace(tangents));
            }
        });
    }
}

/// Has the node of the call, if one was made, keep its values with their tangents while the level
/// is open.
fn keep_duals(op: &'static OpDef, level: u32, inputs: &[Option<Tensor>], outputs: &[Tensor]) -> Result<()> {
    let Some(edge) = outputs.iter().find_map(Tensor::known_grad_fn) else { return Ok(()) };
    let NodeKind::Op(record) = &edge.node.kind else { return Ok(()) };
    if !std::ptr::eq(record.op, op) {
        return Ok(());
    }
    if record.saved.borrow_mut().set_tangents(inputs, outputs)? {
        OPEN.with_borrow_mut(|open| {
            if let Some(l) = open.iter_mut().find(|l| l.number == level) {
                l.nodes.push(Rc::downgrade(&edge.node));
            }
        });
    }
    Ok(())
}

/// The derivative of a function that returns its argument.
#[derive(Debug)]
struct Identity;

impl CustomNode for Identity {
    fn name(&self) -> String {
        "FreshBackward".to_string()
    }

    fn backward(&self, _: &Rc<Node>, grads: &[Option<Tensor>]) -> Result<Grads> {
        Ok(grads.iter().cloned().collect())
    }
}

/// The same value, tangents and all, as something new to differentiate with respect to. Where
/// gradients of `t` itself are recorded now, they flow through it; else it is a leaf.
pub fn fresh(t: &Tensor) -> Result<Tensor> {
    let copy = t.detach();
    let tangents = live(t);
    if modes::recording() && t.requires_grad() {
        let out = Output { tensor: copy, differentiable: true, dirty: false };
        let called = Called { inputs: &[Some(t.clone())], outputs: &[out], saved: &[] };
        let (_, mut results) = called.finish(|| Box::new(Identity))?;
        return Ok(results.swap_remove(0).with_tangents(tangents));
    }
    copy.set_requires_grad(true)?;
    copy.set_of_transform();
    Ok(copy.with_tangents(tangents))
}

/// The same value with its tangents but without history.
#[must_use]
pub fn without_history(t: &Tensor) -> Tensor {
    t.detach().with_tangents(live(t))
}

/// Zeros of the shape and dtype of `t`, dense.
pub(super) fn zeros_like(t: &Tensor) -> Result<Tensor> {
    let zeros = Tensor::from_array(adjoint_tensor::Array::zeros(t.shape(), t.dtype())?);
    if !t.array().is_batched() {
        return Ok(zeros);
    }
    zeros.array().spread(t.array().batch())?.duplicate(t.dtype()).map(Tensor::from_array)
}
