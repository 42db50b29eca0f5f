//! What lives, by the operation that made it.
//!
//! Nothing is counted while operations run: on request, the tensors handed in and the graph behind
//! them are searched.

use crate::graph::node::{Edge, Node, NodeKind};
use crate::graph::tensor::Tensor;
use adjoint_tensor::Array;
use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

/// What one operation made that still lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Living {
    /// Storages.
    pub storages: usize,
    /// Their bytes.
    pub bytes: usize,
}

/// Names the origin of leaves that require grad.
pub const LEAF: &str = "leaf";

/// Names the origin of what was made without being recorded.
pub const UNRECORDED: &str = "unrecorded";

#[derive(Default)]
struct Inventory {
    found: BTreeMap<String, Living>,
    storages: HashSet<usize>,
    nodes: HashSet<*const Node>,
    stack: Vec<Rc<Node>>,
}

impl Inventory {
    fn count(&mut self, array: &Array, origin: impl FnOnce() -> String) {
        let storage = array.storage();
        // Empty storages need not have an address of their own.
        if storage.bytes() == 0 || !self.storages.insert(storage.as_ptr() as usize) {
            return;
        }
        let entry = self.found.entry(origin()).or_default();
        entry.storages += 1;
        entry.bytes += storage.bytes();
    }

    fn visit(&mut self, edge: &Edge) {
        if self.nodes.insert(Rc::as_ptr(&edge.node)) {
            self.stack.push(edge.node.clone());
        }
    }

    fn tensor(&mut self, t: &Tensor) {
        let made_by = t.base().unwrap_or_else(|| t.clone()).known_grad_fn().or_else(|| t.known_grad_fn());
        self.count(t.array(), || match &made_by {
            Some(edge) => origin(&edge.node),
            None if t.requires_grad() => LEAF.to_string(),
            None => UNRECORDED.to_string(),
        });
        for edge in made_by.iter().chain(&t.known_grad_fn()) {
            self.visit(edge);
        }
        if let Some(grad) = t.grad() {
            self.tensor(&grad);
        }
    }

    fn node(&mut self, node: &Rc<Node>) {
        for edge in node.next().iter().flatten() {
            self.visit(edge);
        }
        match &node.kind {
            NodeKind::Accumulate(leaf) => self.tensor(&leaf.clone()),
            NodeKind::CopySlices(copy) => self.node(&copy.inner.clone()),
            NodeKind::Op(record) => {
                let arrays = record.saved.borrow().arrays(node);
                self.saved(arrays);
            }
            NodeKind::Custom(custom) => {
                let arrays = custom.saved.borrow().arrays(node);
                self.saved(arrays);
            }
        }
    }

    fn saved(&mut self, arrays: Vec<(Array, Option<Rc<Node>>)>) {
        for (array, made_by) in arrays {
            self.count(&array, || made_by.as_ref().map_or_else(|| UNRECORDED.to_string(), |node| origin(node)));
        }
    }
}

/// The public name of the op, or the name of the node where it is none of an op.
fn origin(node: &Node) -> String {
    match &node.kind {
        NodeKind::Accumulate(_) => LEAF.to_string(),
        _ => node.op().map_or_else(|| node.name(), |(op, _)| op.called(false)),
    }
}

/// The storages that `tensors`, their gradients and the graph behind them keep alive, by the
/// operation that made them; each storage once. Cost: linear in the tensors and the graph.
pub fn living(tensors: &[Tensor]) -> BTreeMap<String, Living> {
    let mut inventory = Inventory::default();
    for t in tensors {
        inventory.tensor(t);
    }
    while let Some(node) = inventory.stack.pop() {
        inventory.node(&node);
    }
    inventory.found
}
