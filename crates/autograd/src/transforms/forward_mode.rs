//! Forward mode: tangents that travel with values.
//!
//! A dual tensor is a tensor with a [`Wrap`]: the tangent of one `jvp` transform. Transforms nest; an inner transform
//! has a higher level, and the tangents of a level are themselves duals of the levels below, which is what makes
//! derivatives of derivatives right and keeps different transforms from mixing (no perturbation confusion).
//! Memory is constant in the depth of the computation: a tangent lives as long as its value.
//!
//! The tape works beside it: a node made from duals keeps its saved values as duals while the level is open, so that
//! walking the graph inside the level gives the tangents of the gradients (forward over reverse). When a level closes,
//! its tangents are taken out of all nodes, and duals that outlive it count as plain values: level numbers are never
//! used twice.

use crate::dispatch::custom::{Called, CustomNode, Output};
use crate::dispatch::in_place;
use crate::dispatch::{dispatch as run, dispatch_plain, record};
use crate::engine;
use crate::graph::modes::{self, GradMode, Unusual};
use crate::graph::node::{Node, NodeKind};
use crate::graph::tensor::{Tensor, Wrap};
use crate::op::attrs::Attrs;
use crate::op::backward::Backward;
use crate::op::required;
use crate::op::{Jvp, OpDef, Outputs, Tangents, Vjp};
use crate::transforms::forward_in_place::{self, Written};
use adjoint_tensor::{Error, Result};
use smallvec::SmallVec;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

thread_local! {
    static LAST: Cell<u32> = const { Cell::new(0) };
    static OPEN: RefCell<Vec<Level>> = const { RefCell::new(Vec::new()) };
    /// Levels from this one on are not looked at: what runs now computes values and tangents below it.
    static CEILING: Cell<u32> = const { Cell::new(u32::MAX) };
}

/// While it lives, tangents of `level` and of the levels above it are not seen. The value of a written tensor would get
/// its tangent back otherwise, since that is found by the tensor.
pub(crate) struct Below(u32);

impl Below {
    pub fn level(level: u32) -> Below {
        Below(CEILING.replace(level.min(CEILING.get())))
    }
}

impl Drop for Below {
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
    OPEN.with_borrow_mut(|open| open.push(Level { number, nodes: Vec::new(), written: Vec::new() }));
    number
}

/// Closes the innermost level: its tangents are forgotten.
pub fn exit_level() {
    let Some(level) = OPEN.with_borrow_mut(Vec::pop) else { return };
    let has_written = OPEN.with_borrow(|open| open.iter().any(|l| !l.written.is_empty()));
    modes::set_unusual(Unusual::WrittenTangents, has_written);
    for node in level.nodes.iter().filter_map(Weak::upgrade) {
        if let NodeKind::Op(record) = &node.kind {
            // Taken out one by one and dropped with nothing borrowed, since a tangent may be the last hold on a graph.
            let gone = record.saved.borrow_mut().forget_tangents(level.number);
            drop(gone);
        }
    }
}

/// The innermost level; 0 is none.
pub fn level() -> u32 {
    OPEN.with_borrow(|open| open.last().map_or(0, |l| l.number))
}

/// The tangents `t` has at open levels: those it was given, and in place of them those of what was written since.
fn live(t: &Tensor) -> Option<Rc<Wrap>> {
    let given = live_wrap(t.wrap());
    if !modes::is_on(Unusual::WrittenTangents) {
        return given;
    }
    let base = t.base().unwrap_or_else(|| t.with_wrap(None));
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
    let mut wrap = given.as_ref();
    while let Some(w) = wrap {
        if written.iter().all(|(level, _)| *level != w.level) {
            all.push((w.level, w.tangent.clone()));
        }
        wrap = w.below.as_ref();
    }
    for (level, whole) in written {
        // The window of a tensor in its base exists, or the write itself would have failed.
        all.extend(forward_in_place::window(t, &base, &whole).ok().map(|tangent| (level, tangent)));
    }
    all.sort_by_key(|(level, _)| *level);
    all.into_iter().fold(None, |below, (level, tangent)| Some(Rc::new(Wrap { level, tangent, below })))
}

/// Those of the wraps whose levels are open.
fn live_wrap(wrap: Option<&Rc<Wrap>>) -> Option<Rc<Wrap>> {
    let mut wrap = wrap?;
    let ceiling = CEILING.get();
    OPEN.with_borrow(|open| {
        while wrap.level >= ceiling || !open.iter().any(|l| l.number == wrap.level) {
            wrap = wrap.below.as_ref()?;
        }
        Some(wrap.clone())
    })
}

/// Whether some input may have tangents.
#[inline]
pub(crate) fn has_tangents(inputs: &[Option<&Tensor>]) -> bool {
    modes::is_on(Unusual::WrittenTangents) || inputs.iter().flatten().any(|t| t.wrap().is_some())
}

/// The tangent at `level` of a base that was written.
pub(crate) fn written_tangent(base: &Tensor, level: u32) -> Option<Tensor> {
    OPEN.with_borrow(|open| {
        let level = open.iter().find(|l| l.number == level)?;
        level.written.iter().find(|w| w.base.is_of(base)).map(|w| w.tangent.clone())
    })
}

/// Keeps the tangent of a base that was written.
pub(crate) fn keep_written(base: &Tensor, level: u32, tangent: Tensor) {
    let gone = OPEN.with_borrow_mut(|open| {
        let Some(level) = open.iter_mut().find(|l| l.number == level) else { return Vec::new() };
        let (kept, gone) = std::mem::take(&mut level.written)
            .into_iter()
            .partition(|w: &Written| !w.base.is_of(base) && !w.base.is_gone());
        level.written = kept;
        level.written.push(Written { base: base.retainer(), tangent });
        gone
    });
    modes::set_unusual(Unusual::WrittenTangents, true);
    // Dropped with nothing borrowed, since a tangent may be the last hold on a graph.
    drop::<Vec<Written>>(gone);
}

/// Runs an op in place of which some input may be dual.
#[inline(never)]
pub(crate) fn dispatch_in_place(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: Attrs) -> Result<()> {
    let settled: SmallVec<[Option<Tensor>; 3]> = inputs.iter().map(|t| t.map(settled)).collect();
    let level = settled.iter().flatten().filter_map(|t| t.wrap().map(|w| w.level)).max().unwrap_or(0);
    if level == 0 {
        let refs: SmallVec<[Option<&Tensor>; 3]> = settled.iter().map(Option::as_ref).collect();
        return in_place::run_plain(op, &refs, attrs);
    }
    forward_in_place::dispatch_in_place(op, &settled, attrs, level, |primals, attrs| {
        in_place::dispatch_in_place(op, primals, attrs)
    })
}

/// The innermost open level at which `t` has a tangent; 0 where it has none.
pub fn level_of(t: &Tensor) -> u32 {
    live(t).map_or(0, |wrap| wrap.level)
}

/// The tensor without tangents of closed levels.
fn settled(t: &Tensor) -> Tensor {
    t.with_wrap(live(t))
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
    primal.with_wrap(Some(Rc::new(Wrap { level, tangent, below: live(primal) })))
}

/// As [`unpack_dual`], for the program: the value of a tensor that was written is another tensor object, which has no
/// tangent at this level.
pub fn take_apart(t: &Tensor, level: u32) -> Result<(Tensor, Option<Tensor>)> {
    let (primal, tangent) = unpack_dual(t, level);
    let base = t.base().unwrap_or_else(|| t.with_wrap(None));
    if written_tangent(&base, level).is_none() {
        return Ok((primal, tangent));
    }
    let alias = Tensor::with_edge(primal.array().clone(), primal.edge()?);
    Ok((alias.with_wrap(primal.wrap().cloned()), tangent))
}

/// The value without its tangent at `level`, and that tangent.
pub fn unpack_dual(t: &Tensor, level: u32) -> (Tensor, Option<Tensor>) {
    match live(t) {
        Some(wrap) if wrap.level == level => (t.with_wrap(wrap.below.clone()), Some(wrap.tangent.clone())),
        _ => (t.clone(), None),
    }
}

/// Runs an op of which some input is dual, one level at a time, the innermost first.
#[inline(never)]
pub(crate) fn dispatch(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: Attrs) -> Result<Outputs> {
    let inputs: SmallVec<[Option<Tensor>; 3]> = inputs.iter().map(|t| t.map(settled)).collect();
    let level = inputs.iter().flatten().filter_map(|t| t.wrap().map(|w| w.level)).max().unwrap_or(0);
    let mut primals: SmallVec<[Option<Tensor>; 3]> = SmallVec::new();
    let mut tangents: SmallVec<[Option<Tensor>; 3]> = SmallVec::new();
    for t in &inputs {
        let (primal, tangent) = match t {
            Some(t) => {
                let (p, t) = unpack_dual(t, level);
                (Some(p), t)
            }
            None => (None, None),
        };
        primals.push(primal);
        tangents.push(tangent);
    }
    let refs: SmallVec<[Option<&Tensor>; 3]> = primals.iter().map(Option::as_ref).collect();
    if level == 0 {
        return dispatch_plain(op, &refs, attrs);
    }
    let _below = Below::level(level);
    let outputs = run(op, &refs, attrs.clone())?;
    // A result of integers (`prod` with that dtype) is a constant, whatever the op.
    if matches!(op.vjp, Vjp::None(_)) || !outputs.iter().any(|out| out.dtype().is_float()) {
        return Ok(outputs);
    }
    let call = Tangents { op, primals: &primals, tangents: &tangents, attrs: &attrs, outputs: &outputs };
    let touts = push(&call)?;
    let duals: Outputs = outputs
        .iter()
        .zip(touts)
        .map(|(out, tangent)| match tangent {
            Some(t) if out.dtype().is_float() => {
                let t = if t.dtype() == out.dtype() { t } else { (required::get().cast)(&t, out.dtype())? };
                Ok(joined(out, t, level))
            }
            _ => Ok(out.clone()),
        })
        .collect::<Result<_>>()?;
    keep_duals(op, level, &inputs, &duals)?;
    keep_base_tangents(&inputs, &duals);
    Ok(duals)
}

/// Views remember the tangents of the whole base, which a write through them changes in part.
fn keep_base_tangents(inputs: &[Option<Tensor>], outputs: &[Tensor]) {
    let Some(Some(source)) = inputs.first() else { return };
    for out in outputs {
        out.with_view(|view| {
            if let Some(view) = view {
                let tangents = source.base_and_wrap().map_or_else(|| source.wrap().cloned(), |(_, tangents)| tangents);
                drop(view.tangents.replace(tangents));
            }
        });
    }
}

/// Has the node of the call, if one was made, keep its values with their tangents while the level is open.
fn keep_duals(op: &'static OpDef, level: u32, inputs: &[Option<Tensor>], outputs: &[Tensor]) -> Result<()> {
    let Some(edge) = outputs.iter().find_map(Tensor::known_grad_fn) else { return Ok(()) };
    let NodeKind::Op(record) = &edge.node.kind else { return Ok(()) };
    if !std::ptr::eq(record.op, op) {
        return Ok(());
    }
    if record.saved.borrow_mut().set_wraps(inputs, outputs)? {
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

    fn backward(&self, _: &Rc<Node>, grads: &[Option<Tensor>]) -> Result<crate::op::Grads> {
        Ok(grads.iter().cloned().collect())
    }
}

/// The same value, tangents and all, as something new to differentiate with respect to. Where gradients of `t` itself are
/// recorded now, they flow through it; else it is a leaf.
pub fn fresh(t: &Tensor) -> Result<Tensor> {
    let copy = t.detach();
    let wrap = live(t);
    if modes::recording() && t.requires_grad() {
        let out = Output { tensor: copy, differentiable: true, dirty: false };
        let called = Called { inputs: &[Some(t.clone())], outputs: &[out], saved: &[] };
        let (_, mut results) = called.finish(|| Box::new(Identity))?;
        return Ok(results.swap_remove(0).with_wrap(wrap));
    }
    copy.set_requires_grad(true)?;
    copy.set_of_transform();
    Ok(copy.with_wrap(wrap))
}

/// The same value with its tangents but without history.
#[must_use]
pub fn without_history(t: &Tensor) -> Tensor {
    t.detach().with_wrap(live(t))
}

/// The tangents of the outputs.
fn push(call: &Tangents) -> Result<SmallVec<[Option<Tensor>; 1]>> {
    match call.op.jvp {
        Jvp::Fn(f) => Ok(f(call)?.into_iter().map(Some).collect()),
        Jvp::Linear => linear(call),
        Jvp::Multilinear => multilinear(call),
        Jvp::Transposed => transposed(call),
    }
}

fn linear(call: &Tangents) -> Result<SmallVec<[Option<Tensor>; 1]>> {
    let mut zeros: SmallVec<[Option<Tensor>; 3]> = SmallVec::new();
    for (primal, tangent) in call.primals.iter().zip(call.tangents) {
        zeros.push(match (primal, tangent) {
            (_, Some(t)) => Some(t.clone()),
            (Some(p), None) if p.dtype().is_float() => Some(zeros_like(p)?),
            (p, None) => p.clone(),
        });
    }
    let refs: SmallVec<[Option<&Tensor>; 3]> = zeros.iter().map(Option::as_ref).collect();
    Ok(run(call.op, &refs, call.attrs.clone())?.into_iter().map(Some).collect())
}

fn multilinear(call: &Tangents) -> Result<SmallVec<[Option<Tensor>; 1]>> {
    let mut total: Option<Tensor> = None;
    for (i, tangent) in call.tangents.iter().enumerate() {
        if tangent.is_none() {
            continue;
        }
        let refs: SmallVec<[Option<&Tensor>; 3]> =
            call.primals.iter().enumerate().map(|(j, p)| if i == j { tangent.as_ref() } else { p.as_ref() }).collect();
        let part = run(call.op, &refs, call.attrs.clone())?.swap_remove(0);
        total = Some(match total {
            None => part,
            Some(sum) => (required::get().add)(&sum, &part)?,
        });
    }
    Ok(std::iter::once(total).collect())
}

/// From the reverse derivative: `g ↦ vjp(g)` is linear, and its transpose at `t` is the forward derivative.
fn transposed(call: &Tangents) -> Result<SmallVec<[Option<Tensor>; 1]>> {
    let Some(vjp) = call.op.vjp.function() else { return Ok(SmallVec::new()) };
    let outer = modes::grad_enabled();
    let _on = GradMode::set(true);
    // A private graph: leaves for the inputs that have tangents, so that `wants` says yes for just those, and leaves
    // for the gradients of the outputs, in which the result is linear.
    let refs: SmallVec<[Option<&Tensor>; 3]> = call.primals.iter().map(Option::as_ref).collect();
    let leaves: SmallVec<[Option<Tensor>; 3]> = call
        .primals
        .iter()
        .zip(call.tangents)
        .map(|(p, t)| match (p, t) {
            (Some(p), Some(_)) if !p.requires_grad() => {
                let leaf = p.detach().with_wrap(p.wrap().cloned());
                leaf.set_requires_grad(true)?;
                Ok(Some(leaf))
            }
            _ => Ok(p.clone()),
        })
        .collect::<Result<_>>()?;
    let leaf_refs: SmallVec<[Option<&Tensor>; 3]> = leaves.iter().zip(&refs).map(|(l, r)| l.as_ref().or(*r)).collect();
    let hidden: Outputs =
        crate::dispatch::compute(call.op, &leaf_refs, call.attrs)?.into_iter().map(Tensor::from_array).collect();
    // What the derivative reads of the outputs has the tangents of the levels below.
    let tangent_of = |i: usize| call.outputs.get(i).and_then(live);
    let hidden: Outputs = hidden.iter().enumerate().map(|(i, t)| t.with_wrap(tangent_of(i))).collect();
    let node = record(call.op, &leaf_refs, call.attrs.clone(), &hidden)?;
    let mut gs: SmallVec<[Option<Tensor>; 1]> = SmallVec::new();
    for out in call.outputs {
        gs.push(if out.dtype().is_float() {
            let g = zeros_like(out)?;
            g.set_requires_grad(true)?;
            Some(g)
        } else {
            None
        });
    }
    let wanted = |i: usize| call.tangents.get(i).is_some_and(Option::is_some);
    let Some(backward) = Backward::new(&node, &gs, &wanted) else { return Ok(SmallVec::new()) };
    let grads = vjp(&backward)?;
    let (mut roots, mut seeds) = (Vec::new(), Vec::new());
    for (grad, tangent) in grads.into_iter().zip(call.tangents) {
        if let (Some(grad), Some(tangent)) = (grad, tangent) {
            let grad = (required::get().sum_to)(&grad, tangent.shape())?;
            if grad.requires_grad() {
                roots.push(grad);
                seeds.push(Some(tangent.clone()));
            }
        }
    }
    if roots.is_empty() {
        return Ok(call.outputs.iter().map(|_| None).collect());
    }
    let inputs: Vec<Tensor> = gs.iter().flatten().cloned().collect();
    let mut found = engine::grad(&roots, &seeds, &inputs, true, outer, true)?.into_iter();
    Ok(gs.iter().map(|g| g.as_ref().and_then(|_| found.next().flatten())).collect())
}

pub(crate) fn zeros_like(t: &Tensor) -> Result<Tensor> {
    Ok(Tensor::from_array(adjoint_tensor::Array::zeros(t.shape(), t.dtype())?))
}
