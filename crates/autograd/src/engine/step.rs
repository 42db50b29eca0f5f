//! One node of a backward pass, with the hooks around it.

use super::accumulate::accumulate;
use super::derivative::{OutputGrads, run_derivative};
use super::task::Task;
use crate::graph::node::{Node, NodeKind};
use crate::graph::tensor::Tensor;
use crate::graph::trace;
use crate::op::Grads;
use crate::op::interpreter::{self, Untraced};
use adjoint_tensor::Result;
use std::rc::Rc;

impl Task {
    /// Runs one node with the gradients that arrived; returns those of its inputs.
    pub fn step(&mut self, slot: usize, node: &Rc<Node>) -> Result<Grads> {
        let entry = &mut self.entries[slot];
        let mut grads = std::mem::take(&mut entry.grads);
        let captures = std::mem::take(&mut entry.captures);
        let needed = entry.needed;
        if grads.iter().all(Option::is_none) || (!needed && captures.is_empty()) {
            return Ok(Grads::new());
        }
        if node.has_hooks() || node.variable().is_some_and(Tensor::has_leaf_hooks) {
            interpreter::check_traced(Untraced::Hook)?;
        }
        run_tensor_hooks(node, &mut grads)?;
        for (index, wanted) in captures {
            self.captured[wanted] = grads.get(index as usize).cloned().flatten();
        }
        if !needed {
            return Ok(Grads::new());
        }
        if node.has_hooks() {
            node.run_pre_hooks(&mut grads)?;
        }
        let seen = node.has_post_hooks().then(|| grads.clone());
        let mut produced = match &node.kind {
            NodeKind::Accumulate(leaf) => {
                self.accumulate_into(leaf, grads)?;
                Grads::new()
            }
            _ => self.differentiate(node, grads)?,
        };
        if let Some(seen) = seen {
            node.run_post_hooks(&mut produced, &seen)?;
        }
        interpreter::check_gradients(node, &produced)?;
        Ok(produced)
    }

    fn accumulate_into(&self, leaf: &Tensor, mut grads: OutputGrads) -> Result<()> {
        // A leaf may have been frozen since the graph was made.
        if self.accumulate
            && leaf.requires_grad()
            && let Some(g) = grads[0].take()
        {
            accumulate(leaf, g, self.create_graph)?;
        }
        Ok(())
    }

    fn differentiate(&self, node: &Rc<Node>, grads: OutputGrads) -> Result<Grads> {
        let produced = run_derivative(node, grads, &|i| self.wants(node, i)).map_err(|e| trace::with_trace(e, node))?;
        if !self.keep_graph {
            node.release();
        }
        Ok(produced)
    }
}

/// Runs the hooks on the tensors that the gradients are those of.
fn run_tensor_hooks(node: &Rc<Node>, grads: &mut OutputGrads) -> Result<()> {
    match &node.kind {
        NodeKind::Accumulate(leaf) => {
            if let Some(list) = leaf.leaf_hooks() {
                grads[0] = grads[0].take().map(|g| list.run(g)).transpose()?;
            }
        }
        _ if node.has_hooks() => {
            for (index, g) in grads.iter_mut().enumerate() {
                *g = g.take().map(|g| node.run_output_hooks(index as u32, g)).transpose()?;
            }
        }
        _ => {}
    }
    Ok(())
}
