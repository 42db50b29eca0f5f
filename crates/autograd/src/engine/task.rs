//! The table of a backward pass: what it knows of each node.
//!
//! A node's entry is found through `Node::slot`, an index into the table that is trusted only if
//! the entry there is of this node. Passes may nest, since a hook or a checkpoint may start one, so
//! a finished pass puts back the slots it took.

use super::accumulate;
use super::derivative::{OutputGrads, zeros_of};
use super::seeds::Seeds;
use crate::graph::node::{Edge, Node};
use crate::graph::tensor::Tensor;
use adjoint_tensor::{Result, memory, scratch};
use smallvec::SmallVec;
use std::rc::Rc;

pub(super) struct Entry {
    node: Rc<Node>,
    old_slot: u32,
    /// Gradients still to come.
    waiting: u32,
    /// Whether the pass needs this node: always, or only on paths to wanted inputs.
    pub needed: bool,
    pub grads: OutputGrads,
    /// Outputs of this node a gradient of zero arrived for, which is not written out unless it is
    /// the only one: by mask.
    pub zeros: u32,
    /// Outputs of this node whose gradient is a result: the output, and the index of the wanted
    /// input.
    pub captures: SmallVec<[(u32, usize); 1]>,
}

impl Entry {
    fn will_run(&self) -> bool {
        self.needed || !self.captures.is_empty()
    }
}

/// A backward pass.
pub(super) struct Task {
    pub entries: Vec<Entry>,
    pub keep_graph: bool,
    pub create_graph: bool,
    /// The gradients of the wanted inputs.
    pub captured: Vec<Option<Tensor>>,
    /// Whether `.grad` of leaves is written.
    pub accumulate: bool,
    /// Whether only some inputs are wanted.
    restricted: bool,
}

impl Drop for Task {
    fn drop(&mut self) {
        for entry in self.entries.iter().rev() {
            entry.node.slot.set(entry.old_slot);
        }
    }
}

impl Task {
    /// A pass that fills `.grad` of leaves.
    pub fn accumulating(keep_graph: bool, create_graph: bool) -> Self {
        Task {
            entries: Vec::new(),
            keep_graph,
            create_graph,
            captured: Vec::new(),
            accumulate: true,
            restricted: false,
        }
    }

    /// A pass that gives the gradients of `n` inputs.
    pub fn capturing(n: usize, keep_graph: bool, create_graph: bool) -> Result<Self> {
        let mut task = Task::accumulating(keep_graph, create_graph);
        task.accumulate = false;
        task.captured = scratch::filled(None, n)?;
        Ok(task)
    }

    /// Whether the pass may begin with a chain, which records nothing and goes wherever edges lead.
    #[inline]
    pub fn may_chain(&self, wanted: &[Edge]) -> bool {
        self.accumulate && !self.create_graph && wanted.is_empty()
    }

    #[inline]
    pub fn node(&self, slot: usize) -> &Rc<Node> {
        &self.entries[slot].node
    }

    /// The slot of a node the pass has met.
    #[inline]
    pub fn find(&self, node: &Rc<Node>) -> Option<usize> {
        let slot = node.slot.get() as usize;
        self.entries.get(slot).is_some_and(|e| Rc::ptr_eq(&e.node, node)).then_some(slot)
    }

    /// The slot of a node, made on first sight.
    fn visit(&mut self, node: &Rc<Node>) -> Result<(usize, bool)> {
        if let Some(slot) = self.find(node) {
            return Ok((slot, false));
        }
        let slot = self.entries.len();
        let entry = Entry {
            node: node.clone(),
            old_slot: node.slot.get(),
            waiting: 0,
            needed: true,
            grads: SmallVec::new(),
            zeros: 0,
            captures: SmallVec::new(),
        };
        scratch::push(&mut self.entries, entry)?;
        // Only what is in the table is put back.
        node.slot.set(slot as u32);
        Ok((slot, true))
    }

    /// Finds all nodes behind the seeds and counts what each waits for; returns the slots of the
    /// roots.
    pub fn find_nodes(&mut self, seeds: Seeds) -> Result<SmallVec<[usize; 1]>> {
        self.entries.reserve(32);
        let mut roots: SmallVec<[usize; 1]> = SmallVec::new();
        memory::ensure(seeds.len().saturating_mul(2 * size_of::<usize>()))?;
        let mut stack: Vec<usize> = Vec::new();
        for (edge, g) in seeds {
            let (slot, is_new) = self.visit(&edge.node)?;
            if is_new {
                scratch::push(&mut stack, slot)?;
                roots.push(slot);
            }
            self.add(slot, edge.index, g)?;
        }
        while let Some(slot) = stack.pop() {
            let node = self.entries[slot].node.clone();
            for edge in node.edges.iter().flatten() {
                let (next, is_new) = self.visit(&edge.node)?;
                self.entries[next].waiting += 1;
                if is_new {
                    scratch::push(&mut stack, next)?;
                }
            }
        }
        Ok(roots)
    }

    /// Restricts the pass to what the gradients of `wanted` edges need: nodes that lead to theirs.
    pub fn restrict(&mut self, wanted: &[Edge]) -> Result<()> {
        if wanted.is_empty() {
            return Ok(());
        }
        self.restricted = true;
        self.mark_needed(wanted)
    }

    #[inline(never)]
    fn mark_needed(&mut self, wanted: &[Edge]) -> Result<()> {
        for entry in &mut self.entries {
            entry.needed = false;
        }
        for (i, edge) in wanted.iter().enumerate() {
            if let Some(slot) = self.find(&edge.node) {
                self.entries[slot].captures.push((edge.index, i));
            }
        }
        // Older nodes are decided before newer ones, so one pass in order of sequence number is
        // enough.
        let mut order = scratch::collected(0..self.entries.len())?;
        order.sort_unstable_by_key(|&slot| self.entries[slot].node.sequence);
        for slot in order {
            let node = self.entries[slot].node.clone();
            self.entries[slot].needed = node.edges.iter().flatten().any(|edge| self.will_run(&edge.node));
        }
        Ok(())
    }

    /// Whether the pass runs a node, or takes its gradients as a result.
    pub fn will_run(&self, node: &Rc<Node>) -> bool {
        self.find(node).is_some_and(|slot| self.entries[slot].will_run())
    }

    /// Whether the gradient of input `i` of a node is wanted.
    pub fn wants(&self, node: &Rc<Node>, i: usize) -> bool {
        let edge = node.edges.get(i).and_then(Option::as_ref);
        if self.restricted { edge.is_some_and(|edge| self.will_run(&edge.node)) } else { edge.is_some() }
    }

    /// Whether a node waits for nothing.
    #[inline]
    pub fn is_complete(&self, slot: usize) -> bool {
        self.entries[slot].waiting == 0
    }

    /// Counts a gradient that a node no longer waits for, an absent one too; whether that was the
    /// last.
    #[inline]
    pub fn arrived(&mut self, slot: usize) -> bool {
        self.entries[slot].waiting -= 1;
        self.is_complete(slot)
    }

    /// Notes a gradient of zero for output `index` of a node.
    #[cold]
    #[inline(never)]
    pub fn add_zeros(&mut self, slot: usize, index: u32) -> Result<()> {
        if index < u32::BITS {
            self.entries[slot].zeros |= 1 << index;
            return Ok(());
        }
        let zeros = zeros_of(&self.entries[slot].node.outputs[index as usize])?;
        self.add(slot, index, zeros)
    }

    /// Adds a gradient to those of output `index` of a node.
    pub fn add(&mut self, slot: usize, index: u32, g: Tensor) -> Result<()> {
        let grads = &mut self.entries[slot].grads;
        let index = index as usize;
        if index == 0 && grads.is_empty() {
            grads.push(Some(g));
            return Ok(());
        }
        if grads.len() <= index {
            memory::ensure((index + 1).saturating_mul(2 * size_of::<Option<Tensor>>()))?;
            grads.resize(index + 1, None);
        }
        grads[index] = Some(match grads[index].take() {
            None => g,
            Some(sum) => accumulate::add(sum, g, self.create_graph)?,
        });
        Ok(())
    }
}
