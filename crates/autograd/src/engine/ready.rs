//! The queue of nodes whose gradients are complete.

use crate::graph::node::{Node, NodeKind};
use adjoint_tensor::{Result, memory};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The nodes whose gradients are complete, newest first. A chain never has more than one, which
/// needs no heap.
///
/// Accumulators go before all others, as in PyTorch: a leaf has its gradient, and its hooks have
/// run, as soon as it can. Among several, the one that was ready first.
#[derive(Default)]
pub(super) struct Ready {
    only: Option<Waiting>,
    others: BinaryHeap<Waiting>,
    pushed: u32,
}

/// Priority, order of arrival, slot.
type Waiting = (u64, Reverse<u32>, usize);

impl Ready {
    pub fn push(&mut self, node: &Node, slot: usize) -> Result<()> {
        let priority = if matches!(node.kind, NodeKind::Accumulate(_)) { u64::MAX } else { node.sequence };
        let node = (priority, Reverse(self.pushed), slot);
        self.pushed = self.pushed.wrapping_add(1);
        if self.only.is_none() && self.others.is_empty() {
            self.only = Some(node);
        } else {
            let bytes = 2 * self.others.len().saturating_mul(size_of::<Waiting>());
            self.others.try_reserve(2).map_err(|_| memory::out_of_memory(bytes))?;
            self.others.extend(self.only.take());
            self.others.push(node);
        }
        Ok(())
    }

    pub fn pop(&mut self) -> Option<usize> {
        self.only.take().or_else(|| self.others.pop()).map(|(_, _, slot)| slot)
    }
}
