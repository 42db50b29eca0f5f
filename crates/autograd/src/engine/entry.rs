//! Starting a backward pass.

use super::accumulate::accumulate;
use super::run;
use super::seeds::{Seeds, seeds};
use super::task::Task;
use crate::graph::tensor::Tensor;
use crate::op::interpreter::{self, Untraced};
use adjoint_tensor::{Error, Result, scratch};

/// Adds the gradients of `roots` to the `.grad` of leaves: all of them, or just `inputs`.
///
/// `grads[i]` is the gradient of root `i`; `None` stands for 1 and is allowed for one-element roots
/// only.
pub fn backward(
    roots: &[Tensor],
    grads: &[Option<Tensor>],
    keep_graph: bool,
    create_graph: bool,
    inputs: Option<&[Tensor]>,
) -> Result<()> {
    let seeds = seeds(roots, grads, create_graph)?;
    let Some(inputs) = inputs else { return run(&mut Task::accumulating(keep_graph, create_graph), seeds, &[]) };
    if inputs.is_empty() {
        return Err(Error::usage("the inputs of backward() cannot be empty; leave them out to reach every leaf"));
    }
    for input in inputs.iter().filter(|input| !input.is_leaf()) {
        // Its node fills `.grad` when the pass comes to it.
        interpreter::check_traced(Untraced::RetainedGradient)?;
        input.retain_grad()?;
    }
    let found = gradients(seeds, inputs, keep_graph, create_graph)?;
    for (input, g) in inputs.iter().zip(found) {
        if let (Some(g), true) = (g, input.is_leaf()) {
            accumulate(input, g, create_graph)?;
        }
    }
    Ok(())
}

/// The gradients of `outputs` with respect to `inputs`, without touching any `.grad`.
pub fn grad(
    outputs: &[Tensor],
    grads: &[Option<Tensor>],
    inputs: &[Tensor],
    keep_graph: bool,
    create_graph: bool,
    allow_unused: bool,
) -> Result<Vec<Option<Tensor>>> {
    if inputs.is_empty() {
        return Err(Error::usage("grad() needs at least one input"));
    }
    let seeds = seeds(outputs, grads, create_graph)?;
    let found = gradients(seeds, inputs, keep_graph, create_graph)?;
    if !allow_unused && let Some(i) = found.iter().position(Option::is_none) {
        return Err(Error::autograd(format!(
            "the differentiated tensor at index {i} appears to not have been used in the graph; \
                 set allowUnused: true if this is the desired behavior"
        )));
    }
    Ok(found)
}

/// The gradients of `inputs`.
fn gradients(seeds: Seeds, inputs: &[Tensor], keep_graph: bool, create_graph: bool) -> Result<Vec<Option<Tensor>>> {
    let mut edges = scratch::with_room(inputs.len())?;
    for input in inputs {
        edges.push(input.edge()?.ok_or_else(|| {
            Error::autograd(
                "one of the differentiated tensors does not require grad; call requiresGrad_() before using it",
            )
        })?);
    }
    let mut task = Task::capturing(inputs.len(), keep_graph, create_graph)?;
    run(&mut task, seeds, &edges)?;
    Ok(std::mem::take(&mut task.captured))
}
