//! Sums of gradients: those that arrive at one output, and those in the `.grad` of leaves.

use crate::dispatch::hidden;
use crate::graph::tensor::Tensor;
use crate::op::interpreter::{self, Untraced};
use crate::op::required;
use adjoint_tensor::{Array, Error, Layout, Result, order};

/// `sum + g`, in place where nothing else refers to one of them.
pub(super) fn add(sum: Tensor, g: Tensor, create_graph: bool) -> Result<Tensor> {
    let ops = required::get();
    let is_value_only = !create_graph && sum.tangents().is_none() && g.tangents().is_none();
    // Of samples, one may have a gradient each and the other one for all: they have no common
    // memory.
    let of_samples = sum.array().is_batched() || g.array().is_batched();
    if is_value_only && sum.dtype() == g.dtype() && !of_samples {
        if sum.is_unshared() && sum.array().is_dense() {
            (ops.add_in_place)(&sum, &g)?;
            return Ok(sum);
        }
        // The sum would have the strides of its first operand.
        if g.is_unshared() && g.array().is_dense() && g.array().strides() == sum.array().strides() {
            (ops.add_in_place)(&g, &sum)?;
            return Ok(g);
        }
    }
    (ops.add)(&sum, &g)
}

/// An array for the gradient `g` of a leaf, values not set.
fn like_leaf(leaf: &Tensor, g: &Array) -> Result<Array> {
    let layout = order::of_leaf(leaf.array());
    if g.is_batched() { batched_like_leaf(layout, g) } else { Array::laid_out(layout, g.dtype()) }
}

#[cold]
#[inline(never)]
fn batched_like_leaf(layout: Layout, g: &Array) -> Result<Array> {
    Array::batched(layout, g.dtype(), g.batch())
}

/// A differentiable copy of `g` that suits a leaf. The very tensor may be another call's output: a
/// change of `.grad` in place must not reach it.
#[inline(never)]
fn differentiable_copy(leaf: &Tensor, g: &Tensor) -> Result<Tensor> {
    let copy = (required::get().clone)(g)?;
    if order::suits_leaf(leaf.array(), copy.array()) {
        return Ok(copy);
    }
    let copy = Tensor::from_array(like_leaf(leaf, g.array())?);
    (required::get().copy_in_place)(&copy, g)?;
    Ok(copy)
}

/// The same for a leaf that was given other data.
#[cold]
#[inline(never)]
fn accumulate_in_current(leaf: &Tensor, g: Tensor, create_graph: bool) -> Result<()> {
    let current = leaf.current();
    if current.shape() != g.shape() {
        return Err(Error::shape(format!(
            "a leaf was given data of shape {:?} after the graph was made, which has a gradient of shape {:?} for it",
            current.shape(),
            g.shape()
        )));
    }
    accumulate(&current, g, create_graph)
}

/// Adds `g` to the `.grad` of a leaf (or of a tensor named as an input), then runs the hooks on
/// that.
pub fn accumulate(leaf: &Tensor, g: Tensor, create_graph: bool) -> Result<()> {
    if g.array().is_batched() { accumulate_samples(leaf, g, create_graph) } else { hand_over(leaf, g, create_graph) }
}

/// The same for gradients of samples.
#[cold]
#[inline(never)]
fn accumulate_samples(leaf: &Tensor, g: Tensor, create_graph: bool) -> Result<()> {
    hand_over(leaf, hidden::fit_leaf(g, leaf)?, create_graph)
}

/// Adds a gradient that fits the leaf, or has what records the pass do it.
#[inline(never)]
fn hand_over(leaf: &Tensor, g: Tensor, create_graph: bool) -> Result<()> {
    match interpreter::recorder() {
        None => add_to_leaf(leaf, g, create_graph),
        Some(recorder) => {
            if leaf.has_leaf_hooks() {
                interpreter::check_traced(Untraced::Hook)?;
            }
            recorder.accumulate(leaf, g, create_graph, add_to_leaf)
        }
    }
}

fn add_to_leaf(leaf: &Tensor, g: Tensor, create_graph: bool) -> Result<()> {
    if leaf.is_replaced() {
        return accumulate_in_current(leaf, g, create_graph);
    }
    let ops = required::get();
    match leaf.grad() {
        None => {
            let grad = if create_graph {
                differentiable_copy(leaf, &g)?
            } else if g.is_unshared() && order::suits_leaf(leaf.array(), g.array()) {
                g
            } else {
                let grad = like_leaf(leaf, g.array())?;
                grad.assign(g.array())?;
                Tensor::from_array(grad)
            };
            leaf.put_grad(Some(grad));
        }
        Some(old) if create_graph || g.array().is_batched() => leaf.put_grad(Some((ops.add)(&old, &g)?)),
        Some(old) => (ops.add_in_place)(&old, &g)?,
    }
    if let Some(list) = leaf.post_hooks() {
        list.run_on(leaf)?;
    }
    Ok(())
}
