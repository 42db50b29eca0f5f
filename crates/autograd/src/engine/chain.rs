//! Single-consumer chains: the first part of a backward pass from one root.
//!
//! Most of a graph is a line, where the gradient of a node comes from one other node. A node with a
//! single consumer needs no dependency count: a node knows how many edges lead to it, and where
//! that is one, its gradient is final as soon as the node with that edge has run. So such nodes run
//! without an entry in the table of the engine. The rest, where lines meet or hooks look at
//! gradients, is the table's.
//!
//! What runs here runs in the order it would there: accumulators at once, then the only other node
//! that is ready.

use super::accumulate::accumulate;
use super::context::{self, Running};
use super::derivative::{plain_op, run_derivative, validate};
use super::gradient_kernel::overwrite;
use super::seeds::Seeds;
use crate::graph::modes::GradMode;
use crate::graph::node::{Edge, Node, NodeKind};
use crate::graph::tensor::Tensor;
use crate::graph::trace;
use crate::op::keys;
use adjoint_tensor::{Result, memory, scratch};

/// Sizes up to which a gradient that was given is copied: that takes less than a derivative that
/// may not overwrite it.
const FEW: usize = 1024;

/// Runs the chain from a single root to where it ends, recording nothing; returns the gradients
/// from which the table has to go on.
pub(super) fn run_chain(mut seeds: Seeds, keep_graph: bool) -> Result<Seeds> {
    if seeds.len() != 1 || !keys::are_quiet() || context::has_groups() {
        return Ok(seeds);
    }
    let Some((mut at, mut g)) = seeds.pop() else { return Ok(seeds) };
    if !g.is_unshared() && g.numel() <= FEW && g.tangents().is_none() {
        // One that nothing else holds can be overwritten.
        g = Tensor::from_array(g.array().duplicate(g.dtype())?);
    }
    let _mode = GradMode::set(false);
    let _running = Running::begin(true, |_| true);
    let mut ahead = Ahead { next: None, others: seeds };
    loop {
        let arrived = run_formulas(&at, &g, keep_graph);
        let passes_on = arrived.as_ref().is_some_and(|edge| !is_link(&edge.node));
        at = arrived.unwrap_or(at);
        if passes_on {
            ahead.put(&at, g)?;
        } else if can_run(&at.node) {
            run_link(&at, g, &mut ahead).map_err(|e| trace::with_trace(e, &at.node))?;
            if !keep_graph {
                at.node.release();
            }
        } else {
            scratch::push(&mut ahead.others, (at, g))?;
            return Ok(ahead.others);
        }
        // With no other pending gradient, this one is final, whatever else used the tensor: that is
        // no part of this pass.
        let only = match ahead.others.len() {
            0 => ahead.next.take(),
            1 if ahead.next.is_none() => ahead.others.pop(),
            _ => None,
        };
        let Some(only) = only else {
            if let Some(next) = ahead.next {
                scratch::push(&mut ahead.others, next)?;
            }
            return Ok(ahead.others);
        };
        (at, g) = only;
    }
}

/// Runs nodes of formulas as long as each has one input that wants a gradient. Where nothing else
/// holds the gradient `g`, it is overwritten by each in turn. Returns the edge it is the gradient
/// of at last; `None` if no node ran.
#[inline(never)]
fn run_formulas(from: &Edge, g: &Tensor, keep_graph: bool) -> Option<Edge> {
    if !g.is_unshared() || g.tangents().is_some() {
        return None;
    }
    let mut at = from;
    while let Some(next) = overwrite(&at.node, g) {
        if !keep_graph {
            at.node.release();
        }
        at = next;
        if !is_link(&at.node) {
            break;
        }
    }
    (!std::ptr::eq(at, from)).then(|| at.clone())
}

/// Whether the gradient of a node's output is final as soon as one has arrived, and no hook looks
/// at it.
#[inline(always)]
fn takes_one(node: &Node) -> bool {
    node.users.get() == 1 && !node.has_hooks()
}

/// The same of an op's node.
#[inline(always)]
fn is_link(node: &Node) -> bool {
    takes_one(node) && matches!(node.kind, NodeKind::Op(_))
}

/// Whether nothing but its derivative happens when a node runs, and that gives gradients alone, no
/// zeros to be passed on.
#[inline]
fn can_run(node: &Node) -> bool {
    plain_op(node).is_some_and(|op| op.zero_derivatives == 0)
}

/// Where the gradients of a node's inputs go.
struct Ahead {
    /// The one node that is ready.
    next: Option<(Edge, Tensor)>,
    /// What the table has to see to.
    others: Seeds,
}

impl Ahead {
    /// Takes a gradient that has the shape and dtype of what it is the gradient of.
    fn put(&mut self, edge: &Edge, g: Tensor) -> Result<()> {
        if takes_one(&edge.node)
            && let NodeKind::Accumulate(leaf) = &edge.node.kind
            && !leaf.has_leaf_hooks()
        {
            // A leaf may have been frozen since the graph was made.
            return if leaf.requires_grad() { accumulate(leaf, g, false) } else { Ok(()) };
        }
        if self.next.is_none() && is_link(&edge.node) {
            self.next = Some((edge.clone(), g));
        } else {
            scratch::push(&mut self.others, (edge.clone(), g))?;
        }
        Ok(())
    }
}

/// Runs one node on the gradient of output `at.index`, the only one it gets.
fn run_link(at: &Edge, g: Tensor, ahead: &mut Ahead) -> Result<()> {
    let node = &at.node;
    let index = at.index as usize;
    let mut grads = smallvec::SmallVec::new();
    memory::ensure(index.saturating_mul(2 * size_of::<Option<Tensor>>()))?;
    grads.resize(index, None);
    grads.push(Some(g));
    let produced = run_derivative(node, grads, &|i| node.edges.get(i).is_some_and(Option::is_some))?;
    for ((i, edge), g) in node.edges.iter().enumerate().zip(produced) {
        if let (Some(edge), Some(g)) = (edge, g) {
            ahead.put(edge, validate(node, i, edge, g)?)?;
        }
    }
    Ok(())
}
