//! The straight part of a walk.
//!
//! Most of a graph is a line: the gradient of a node comes from one other node. Such a node needs no entry in the table of
//! [`crate::engine`] and no count of what it waits for: a node knows how many edges lead to it, and where that is one, its gradient is
//! complete as soon as the node with that edge has run. From one root a walk goes straight on as long as that is so. Where
//! lines meet, and where code of the user's may look at gradients, the rest is the engine's.
//!
//! What runs here runs in the order it would there: accumulators at once, then the only other node that is ready.

use crate::engine::context;
use crate::engine::context::Running;
use crate::engine::{accumulate, call, validate};
use crate::graph::modes;
use crate::graph::node::{Edge, Node, NodeKind};
use crate::graph::saved::Operand;
use crate::graph::tensor::Tensor;
use crate::graph::trace;
use crate::op::{Body, Params, Vjp};
use adjoint_tensor::Result;
use adjoint_tensor::apply::{Overwrite, Spread};

/// Numbers up to which a gradient that was given is copied: that takes less than a derivative that may not overwrite it.
const FEW: usize = 1024;

/// Walks from a single root as far as the graph is straight, without recording; returns the gradients from which the engine has
/// to go on.
pub(crate) fn descend(mut seeds: Vec<(Edge, Tensor)>, keep_graph: bool) -> Result<Vec<(Edge, Tensor)>> {
    if seeds.len() != 1 || modes::unusual() || context::has_groups() {
        return Ok(seeds);
    }
    let Some((mut at, mut g)) = seeds.pop() else { return Ok(seeds) };
    if !g.is_unshared() && g.numel() <= FEW && g.wrap().is_none() {
        // One that is nobody else's can be overwritten.
        g = Tensor::from_array(g.array().duplicate(g.dtype())?);
    }
    let _mode = modes::GradMode::set(false);
    let _walk = Running::begin(true, |_| true);
    let mut ahead = Ahead { next: None, apart: seeds };
    loop {
        let arrived = glide(&at, &g, keep_graph);
        let passes_on = arrived.as_ref().is_some_and(|edge| !is_alone(&edge.node));
        at = arrived.unwrap_or(at);
        if passes_on {
            ahead.put(&at, g)?;
        } else if is_straight(&at.node) {
            run(&at, g, &mut ahead).map_err(|e| trace::with_trace(e, &at.node))?;
            if !keep_graph {
                at.node.release();
            }
        } else {
            ahead.apart.push((at, g));
            return Ok(ahead.apart);
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
}

/// Walks through nodes of formulas as long as each has one input that wants a gradient, for which the gradient `g`, if nobody else holds it,
/// is overwritten again and again. Where that belongs at last; `None` if it stays where it was.
#[inline(never)]
fn glide(from: &Edge, g: &Tensor, keep_graph: bool) -> Option<Edge> {
    if !g.is_unshared() || g.wrap().is_some() {
        return None;
    }
    let mut at = from;
    while let Some(next) = overwrite(&at.node, g) {
        if !keep_graph {
            at.node.release();
        }
        at = next;
        if !is_alone(&at.node) {
            break;
        }
    }
    (!std::ptr::eq(at, from)).then(|| at.clone())
}

/// Whether the gradient of a node's output is complete as soon as one has arrived, and nobody looks at it.
#[inline(always)]
fn takes_one(node: &Node) -> bool {
    node.users.get() == 1 && !node.has_hooks()
}

/// The same of an op's node.
#[inline(always)]
fn is_alone(node: &Node) -> bool {
    takes_one(node) && matches!(node.kind, NodeKind::Op(_))
}

/// Turns the gradient of the output of a formula into that of the only input that wants one, and returns the place of that in the graph. `None`, with
/// nothing done, where that is not all there is to do, or goes wrong.
#[inline(always)]
fn overwrite<'a>(node: &'a Node, g: &Tensor) -> Option<&'a Edge> {
    let NodeKind::Op(record) = &node.kind else { return None };
    let i = only_edge(node)?;
    let edge = node.edges[i].as_ref()?;
    if node.has_hooks() || !edge.meta().fits(g.array()) {
        return None;
    }
    let op = record.op;
    let (Vjp::Formula(_), Some(blocks)) = (op.vjp, op.gradients.get(i)) else { return None };
    let set = record.saved.borrow();
    if set.freed {
        return None;
    }
    let mut scratch = Spread::new();
    // A call has one number at most: two make no tensor.
    let mut scratch = Some(&mut scratch);
    let mut call = Overwrite::of(g.array())?;
    let all = set.each_value(blocks, |place, operand| match operand {
        Operand::Array(array) => call.put(place, array),
        Operand::Number(number, _) => scratch.take().is_some_and(|s| call.put_number(place, number as f32, s)),
    });
    if !all {
        return None;
    }
    let numbers = match &op.body {
        Body::Elementwise { params, .. } if blocks.n_params > 0 => params(&record.attrs).ok()?,
        _ => Params::new(),
    };
    call.run(blocks, &numbers).then_some(edge)
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
        self.put(edge, g)
    }

    /// Takes a gradient that fits.
    fn put(&mut self, edge: &Edge, g: Tensor) -> Result<()> {
        if takes_one(&edge.node)
            && let NodeKind::Accumulate(leaf) = &edge.node.kind
            && !leaf.has_leaf_hooks()
        {
            // A leaf may have been frozen since the graph was made.
            return if leaf.requires_grad() { accumulate(leaf, g, false) } else { Ok(()) };
        }
        if self.next.is_none() && is_alone(&edge.node) {
            self.next = Some((edge.clone(), g));
        } else {
            self.apart.push((edge.clone(), g));
        }
        Ok(())
    }
}

/// Runs one node on the gradient of output `at.index`, the only one it gets.
fn run(at: &Edge, g: Tensor, ahead: &mut Ahead) -> Result<()> {
    let node = &at.node;
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
