//! One node of a backward pass, with the hooks around it.

use super::accumulate::accumulate;
use super::derivative::{OutputGrads, plain_op, run_derivative, zeros_of};
use super::task::Task;
use crate::graph::node::{Node, NodeKind};
use crate::graph::tensor::Tensor;
use crate::graph::trace;
use crate::op::Grads;
use crate::op::interpreter::{self, Untraced};
use adjoint_tensor::Result;
use std::rc::Rc;

/// What running a node gives.
pub(super) struct Stepped {
    /// The gradients of its inputs.
    pub grads: Grads,
    /// The inputs without one whose gradient is zero, by mask: the last bit stands for all further
    /// ones.
    pub zeros: u8,
}

impl Stepped {
    fn nothing() -> Self {
        Stepped { grads: Grads::new(), zeros: 0 }
    }

    /// Whether the gradient of input `i` is zero where there is none.
    pub fn is_zero(&self, i: usize) -> bool {
        self.zeros >> i.min(7) & 1 == 1
    }
}

/// Puts zeros where a gradient of zero arrived and no other.
fn write_zeros(node: &Node, grads: &mut OutputGrads, zeros: u32) -> Result<()> {
    for (index, meta) in node.outputs.iter().enumerate().take(u32::BITS as usize) {
        if zeros >> index & 1 == 0 {
            continue;
        }
        if grads.len() <= index {
            grads.resize(index + 1, None);
        }
        if grads[index].is_none() {
            grads[index] = Some(zeros_of(meta)?);
        }
    }
    Ok(())
}

impl Task {
    /// Runs one node with the gradients that arrived; returns those of its inputs.
    pub fn step(&mut self, slot: usize, node: &Rc<Node>) -> Result<Stepped> {
        let entry = &mut self.entries[slot];
        let mut grads = std::mem::take(&mut entry.grads);
        let captures = std::mem::take(&mut entry.captures);
        let (needed, zeros) = (entry.needed, entry.zeros);
        let any = grads.iter().any(Option::is_some);
        if !(any || zeros != 0) || (!needed && captures.is_empty()) {
            return Ok(Stepped::nothing());
        }
        if zeros != 0 && self.take_zeros(node, &mut grads, zeros, captures.is_empty())? {
            return Ok(Stepped { grads: Grads::new(), zeros: u8::MAX });
        }
        if node.has_hooks() || node.variable().is_some_and(Tensor::has_leaf_hooks) {
            interpreter::check_traced(Untraced::Hook)?;
        }
        run_tensor_hooks(node, &mut grads)?;
        for (index, wanted) in captures {
            self.captured[wanted] = grads.get(index as usize).cloned().flatten();
        }
        if !needed {
            return Ok(Stepped::nothing());
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
        let zeros = node.op().map_or(0, |(op, _)| op.zero_derivatives);
        Ok(Stepped { grads: produced, zeros })
    }

    /// What becomes of gradients of zero: they go on as they are, which is said, or are written out.
    #[cold]
    #[inline(never)]
    fn take_zeros(&self, node: &Rc<Node>, grads: &mut OutputGrads, zeros: u32, is_free: bool) -> Result<bool> {
        // Zeros alone give zeros alone.
        if is_free && grads.iter().all(Option::is_none) && plain_op(node).is_some() {
            if !self.keep_graph {
                node.release();
            }
            return Ok(true);
        }
        write_zeros(node, grads, zeros)?;
        Ok(false)
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
