//! The straight part of a walk.
//!
//! Most of a graph is a line: the gradient of a node comes from one other node. Such a node needs no entry in the table of
//! [`crate::engine`] and no count of what it waits for: a node knows how many edges lead to it, and where that is one, its gradient is
//! complete as soon as the node with that edge has run. From one root a walk goes straight on as long as that is so. Where
//! lines meet, and where code of the user's may look at gradients, the rest is the engine's.
//!
//! What runs here runs in the order it would there: accumulators at once, then the only other node that is ready.

use crate::engine::{accumulate, call, validate};
use crate::modes;
use crate::node::{Edge, Node, NodeKind, OpNode};
use crate::op::{Body, Params, Vjp};
use crate::tensor::Tensor;
use crate::walks::Running;
use crate::{hooks, walks};
use adjoint_tensor::Result;
use adjoint_tensor::apply;

/// Walks from a single root as far as the graph is straight, without recording; returns the gradients from which the engine has
/// to go on.
pub(crate) fn descend(mut seeds: Vec<(Edge, Tensor)>, keep_graph: bool) -> Result<Vec<(Edge, Tensor)>> {
    if seeds.len() != 1 || modes::unusual() || walks::has_groups() {
        return Ok(seeds);
    }
    let Some((mut at, mut g)) = seeds.pop() else { return Ok(seeds) };
    let _mode = modes::GradMode::set(false);
    let _walk = Running::begin(true, |_| true);
    let mut ahead = Ahead { next: None, apart: seeds };
    while is_straight(&at.node) {
        run(&at, g, &mut ahead).map_err(|e| hooks::with_trace(e, &at.node))?;
        if !keep_graph {
            at.node.release();
        }
        // What is left alone is complete, whoever else has used it: they are no part of this walk.
        let alone = match ahead.apart.len() {
            0 => ahead.next.take(),
            1 if ahead.next.is_none() => ahead.apart.pop(),
            _ => None,
        };
        let Some(alone) = alone else {
            ahead.apart.extend(ahead.next);
            return Ok(ahead.apart);
        };
        (at, g) = alone;
    }
    ahead.apart.push((at, g));
    Ok(ahead.apart)
}

/// Whether nothing but its derivative happens when a node runs.
#[inline]
fn is_straight(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::Op(record) if record.op.vjp.function().is_some()) && !node.has_hooks()
}

/// Where the gradients of a node's inputs go.
struct Ahead {
    /// The one node that is ready.
    next: Option<(Edge, Tensor)>,
    /// What the engine has to see to.
    apart: Vec<(Edge, Tensor)>,
}

impl Ahead {
    /// Takes the gradient of input `i` of `node`.
    #[inline]
    fn give(&mut self, node: &Node, i: usize, edge: &Edge, g: Tensor) -> Result<()> {
        let g = validate(node, i, edge.meta(), g)?;
        if edge.node.users.get() == 1 && !edge.node.has_hooks() {
            match &edge.node.kind {
                NodeKind::Accumulate(leaf) if !leaf.has_leaf_hooks() => {
                    // A leaf may have been frozen since the graph was made.
                    return if leaf.requires_grad() { accumulate(leaf, g, false) } else { Ok(()) };
                }
                NodeKind::Op(_) if self.next.is_none() => {
                    self.next = Some((edge.clone(), g));
                    return Ok(());
                }
                _ => {}
            }
        }
        self.apart.push((edge.clone(), g));
        Ok(())
    }
}

/// Runs one node on the gradient of output `at.index`, the only one it gets.
fn run(at: &Edge, g: Tensor, ahead: &mut Ahead) -> Result<()> {
    let node = &at.node;
    if let (NodeKind::Op(record), Some(i)) = (&node.kind, only_edge(node))
        && let Some(edge) = &node.edges[i]
        && derive_in_place(record, i, &g)?
    {
        return ahead.give(node, i, edge, g);
    }
    let index = at.index as usize;
    let mut grads = smallvec::SmallVec::new();
    grads.resize(index, None);
    grads.push(Some(g));
    let produced = call(node, grads, &|i| node.edges.get(i).is_some_and(Option::is_some), None)?;
    for ((i, edge), g) in node.edges.iter().enumerate().zip(produced) {
        if let (Some(edge), Some(g)) = (edge, g) {
            ahead.give(node, i, edge, g)?;
        }
    }
    Ok(())
}

/// The input whose gradient is the only one that is wanted.
#[inline]
fn only_edge(node: &Node) -> Option<usize> {
    let mut wanted = node.edges.iter().enumerate().filter(|(_, edge)| edge.is_some()).map(|(i, _)| i);
    let first = wanted.next()?;
    if wanted.next().is_none() { Some(first) } else { None }
}

/// Turns the gradient of the output of a formula into that of input `i`, in place; false, with nothing done, where somebody
/// else holds it or the values are not plain.
#[inline]
fn derive_in_place(record: &OpNode, i: usize, g: &Tensor) -> Result<bool> {
    let op = record.op;
    let (Vjp::Formula(_), Some(blocks)) = (op.vjp, op.gradients.get(i)) else { return Ok(false) };
    if !g.is_unshared() || g.wrap().is_some() {
        return Ok(false);
    }
    let set = record.saved.borrow();
    let Some(operands) = set.operands(blocks, g.array())? else { return Ok(false) };
    let numbers = match &op.body {
        Body::Elementwise { params, .. } if blocks.n_params > 0 => params(&record.attrs)?,
        _ => Params::new(),
    };
    Ok(apply::compute_plain_into(blocks, &numbers, &operands[..blocks.n_inputs], g.array()))
}
