//! The way into a `vmap` and out of it: a dim of a tensor becomes that of samples, and comes back.
//!
//! Both are nodes of the tape, each the derivative of the other. What all samples share has a
//! gradient for each of them inside of the `vmap`, and outside the sum of these: see [`fit_edge`].

use crate::dispatch::custom::{Called, CustomNode, Output};
use crate::graph::levels;
use crate::graph::node::{Edge, Node};
use crate::graph::tensor::{TangentLevel, Tensor};
use crate::graph::view::{Creation, ViewOf};
use crate::op::{Grads, required};
use adjoint_tensor::batch::{self, BatchDim, Level};
use adjoint_tensor::{Array, Dims, Error, Result, order};
use smallvec::{SmallVec, smallvec};
use std::rc::Rc;

/// Dim `d` of `t` as that of the samples of `level`.
pub fn hide(t: &Tensor, d: usize, level: Level) -> Result<Tensor> {
    let size = t.shape()[d];
    carried(t, Way::In { d, level, size }, &|x| x.hide(d, level))
}

/// The samples of `level` along dim `d`, where `t` has such.
pub fn reveal(t: &Tensor, d: usize, level: Level) -> Result<Tensor> {
    let own = t.array().batch().iter().find(|dim| dim.level.number == level.number);
    let size = own.map_or(1, |dim| dim.size);
    let made = carried(t, Way::Out { d, level }, &|x| x.reveal(d, level, size))?;
    if t.made_in() < level.number && made.requires_grad() {
        // Memory of a tensor outside, whose history a write here would not change.
        made.set_view(ViewOf::new(&t.with_tangents(None), Creation::Custom));
    }
    Ok(made)
}

/// The same tensor for samples of all of `dims`: what it lacks of them it repeats, and the
/// gradients of all samples go on as they are.
pub fn spread(t: &Tensor, dims: &[BatchDim]) -> Result<Tensor> {
    if dims.iter().all(|dim| t.array().batch().iter().any(|own| own.level.number == dim.level.number)) {
        return Ok(t.clone());
    }
    carried(t, Way::Along, &|x| x.spread(dims))
}

/// The same for the samples of `others`.
pub fn spread_like(t: &Tensor, others: &[&Tensor]) -> Result<Tensor> {
    if others.iter().all(|other| t.array().covers(other.array())) {
        return Ok(t.clone());
    }
    spread(t, &batch::union(others.iter().map(|t| t.array().meta()), 1))
}

/// Where the dim of samples goes.
#[derive(Clone, Copy, Debug)]
enum Way {
    In { d: usize, level: Level, size: usize },
    Out { d: usize, level: Level },
    Along,
    Part { dim: BatchDim, index: usize },
}

impl CustomNode for Way {
    fn name(&self) -> String {
        match self {
            Way::In { .. } => "AddBatchDimBackward",
            Way::Out { .. } => "RemoveBatchDimBackward",
            Way::Along => "ExpandBatchDimBackward",
            Way::Part { .. } => "SelectBatchDimBackward",
        }
        .to_string()
    }

    fn backward(&self, _: &Rc<Node>, grads: &[Option<Tensor>]) -> Result<Grads> {
        let Some(Some(g)) = grads.first() else { return Ok(smallvec![None]) };
        Ok(smallvec![Some(match *self {
            Way::In { d, level, size } => {
                // A gradient that all samples share is that of each.
                let dim = BatchDim { level, size, stride: 0 };
                reveal(&spread(g, &[dim])?, d, level)?
            }
            Way::Out { d, level } => hide(g, d, level)?,
            Way::Along => g.clone(),
            Way::Part { dim, index } => {
                let zero = Tensor::from_array(Array::zeros(g.shape(), g.dtype())?);
                let parts: Vec<Tensor> =
                    (0..dim.size).map(|i| if i == index { g.clone() } else { zero.clone() }).collect();
                join(&parts, dim.level)?
            }
        })])
    }
}

type Place<'a> = &'a dyn Fn(&Array) -> Result<Array>;

/// `t` with another place for the dim, tangents and history with it.
fn carried(t: &Tensor, way: Way, place: Place) -> Result<Tensor> {
    let made = Tensor::view_of(t, place(t.array())?);
    let called = Called {
        inputs: &[Some(t.with_tangents(None))],
        outputs: &[Output { tensor: made, differentiable: true, dirty: false }],
        saved: &[],
    };
    let (_, mut results) = called.finish(|| Box::new(way))?;
    Ok(results.swap_remove(0).with_tangents(tangents(t.tangents(), way, place)?))
}

/// The tangents, moved as their value is.
fn tangents(given: Option<&Rc<TangentLevel>>, way: Way, place: Place) -> Result<Option<Rc<TangentLevel>>> {
    let Some(TangentLevel { level, tangent, below }) = given.map(Rc::as_ref) else { return Ok(None) };
    let tangent = carried(tangent, way, place)?;
    Ok(Some(Rc::new(TangentLevel { level: *level, tangent, below: tangents(below.as_ref(), way, place)? })))
}

/// Sample `index` of `t` along the dim of `level`, which it must have.
pub fn take(t: &Tensor, level: Level, index: usize) -> Result<Tensor> {
    let Some(&dim) = t.array().batch().iter().find(|dim| dim.level.number == level.number) else {
        return Ok(t.clone());
    };
    let part = |x: &Array| {
        let whole = x.spread(&[BatchDim { stride: 0, ..dim }])?.reveal(0, level, dim.size)?;
        whole.with_layout(whole.layout().select(0, index))
    };
    carried(t, Way::Part { dim, index }, &part)
}

/// The samples of `level`, one after the other, as one tensor.
pub fn join(parts: &[Tensor], level: Level) -> Result<Tensor> {
    let first = &parts[0];
    if let Some(other) = parts.iter().find(|t| t.shape() != first.shape() || t.dtype() != first.dtype()) {
        return Err(Error::shape(format!(
            "vmap: results differ in shape, one sample gave {:?} and another {:?}; a shape must not depend on values",
            first.shape(),
            other.shape()
        )));
    }
    let arrays: Vec<&Array> = parts.iter().map(Tensor::array).collect();
    let level_of = |tangents: Option<&Rc<TangentLevel>>| tangents.map_or(0, |tangents| tangents.level);
    let innermost = parts.iter().map(|t| level_of(t.tangents())).max().unwrap_or(0);
    let called = Called {
        inputs: &parts.iter().map(|t| Some(t.with_tangents(None))).collect::<Vec<_>>(),
        outputs: &[Output { tensor: Tensor::from_array(joined(&arrays, level)?), differentiable: true, dirty: false }],
        saved: &[],
    };
    let (_, mut results) = called.finish(|| Box::new(Joined { level }))?;
    let value = results.swap_remove(0);
    if innermost == 0 {
        return Ok(value);
    }
    // One level of tangents after the other, the innermost first.
    let (mut tangents, mut lower) = (Vec::new(), Vec::new());
    for t in parts {
        match t.tangents() {
            Some(own) if own.level == innermost => {
                tangents.push(own.tangent.clone());
                lower.push(t.with_tangents(own.below.clone()));
            }
            _ => {
                tangents.push(Tensor::from_array(Array::zeros(t.shape(), t.dtype())?));
                lower.push(t.clone());
            }
        }
    }
    let (tangent, lower) = (join(&tangents, level)?, join(&lower, level)?);
    let below = lower.tangents().cloned();
    Ok(value.with_tangents(Some(Rc::new(TangentLevel { level: innermost, tangent, below }))))
}

fn joined(parts: &[&Array], level: Level) -> Result<Array> {
    let first = parts[0];
    let numel = first.numel();
    let mut all = batch::union(parts.iter().map(|x| x.meta()), numel);
    batch::insert(&mut all, BatchDim { level, size: parts.len(), stride: 0 });
    let out = Array::batched(order::preserved(first.layout()), first.dtype(), &all)?;
    let whole = out.reveal(0, level, parts.len())?;
    for (i, part) in parts.iter().enumerate() {
        whole.with_layout(whole.layout().select(0, i))?.assign(part)?;
    }
    Ok(out)
}

/// The derivative of samples put together.
#[derive(Debug)]
struct Joined {
    level: Level,
}

impl CustomNode for Joined {
    fn name(&self) -> String {
        "JoinBatchDimBackward".to_string()
    }

    fn backward(&self, node: &Rc<Node>, grads: &[Option<Tensor>]) -> Result<Grads> {
        let Some(Some(g)) = grads.first() else { return Ok(node.next().iter().map(|_| None).collect()) };
        (0..node.next().len()).map(|i| take(g, self.level, i).map(Some)).collect()
    }
}

/// A gradient for what an edge stands for: the sum over the samples of a `vmap` that is over and
/// began after that was made.
///
/// While the `vmap` is at work every sample has a backward pass of its own, and the gradient of
/// whatever is one a sample. Afterwards there is one pass for all. A gradient of samples that comes
/// to what was made inside goes on by sample, also where the value is the same for all; where it
/// leaves it is summed, which is the same number.
#[cold]
#[inline(never)]
pub(crate) fn fit_edge(g: Tensor, edge: &Edge) -> Result<Tensor> {
    summed(g, |level| {
        let is_inside = match edge.node.variable() {
            Some(leaf) => leaf.born_in() >= level.number,
            None => edge.node.sequence() > level.since,
        };
        is_inside || levels::is_open(level.number) || edge.meta().has_samples_of(level.number)
    })
}

/// A gradient to be added to the `.grad` of a leaf, to which each sample of a `vmap` adds its own
/// unless the leaf was made inside.
#[cold]
#[inline(never)]
pub(crate) fn fit_leaf(g: Tensor, leaf: &Tensor) -> Result<Tensor> {
    let has = |level: Level| leaf.array().batch().iter().any(|dim| dim.level.number == level.number);
    summed(g, |level| leaf.born_in() >= level.number || has(level))
}

/// The sum over the samples of all levels but those to keep.
fn summed(g: Tensor, keeps: impl Fn(Level) -> bool) -> Result<Tensor> {
    let all: SmallVec<[Level; 2]> = g.array().batch().iter().map(|dim| dim.level).collect();
    let mut g = g;
    for level in all.into_iter().rev().filter(|level| !keeps(*level)) {
        let shape = Dims::from_slice(g.shape());
        g = (required::get().sum_to)(&reveal(&g, 0, level)?, &shape)?;
    }
    Ok(g)
}
