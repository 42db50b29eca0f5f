//! Functions of the user's with a backward of their own.

use crate::backward::Grads;
use crate::node::{Edge, Edges, Node, NodeKind, OutMeta};
use crate::tensor::Tensor;
use adjoint_tensor::Result;
use smallvec::SmallVec;
use std::fmt::Debug;
use std::rc::Rc;

/// The backward of a user's function.
pub trait CustomNode: Debug {
    /// The node's name, `ExpBackward` for a class `Exp`.
    fn name(&self) -> String;
    /// Gradients of the inputs from gradients of the outputs, one an edge. `node` unpacks what was saved.
    fn backward(&self, node: &Rc<Node>, grads: &[Option<Tensor>]) -> Result<Grads>;
    /// Frees what was saved.
    fn release(&self);
}

/// Writes a node of a user's function into the graph and gives the outputs their place in it.
///
/// `outputs` are fresh tensors; those at `differentiable` positions get the edge.
pub fn record(
    function: Box<dyn CustomNode>,
    inputs: &[Option<&Tensor>],
    outputs: &[Tensor],
    differentiable: &[bool],
) -> Result<Rc<Node>> {
    let mut edges = Edges::new();
    for input in inputs {
        edges.push(match input {
            Some(t) => t.edge()?,
            None => None,
        });
    }
    let metas: SmallVec<[OutMeta; 1]> = outputs.iter().map(OutMeta::of).collect();
    let node = Node::new(NodeKind::Custom(function), edges, metas);
    for (i, out) in outputs.iter().enumerate() {
        if differentiable[i] && out.dtype().is_float() {
            out.rebase(Some(Edge { node: node.clone(), index: i as u32 }));
        }
    }
    Ok(node)
}
