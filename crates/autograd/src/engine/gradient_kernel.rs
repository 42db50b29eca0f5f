//! The gradient kernel of a formula with one input that wants a gradient, run over the gradient
//! itself.

use crate::graph::node::{Edge, Node, NodeKind};
use crate::graph::saved::Operand;
use crate::graph::tensor::Tensor;
use crate::op::{Body, Params, Vjp};
use adjoint_cpu::elementwise::dense::{Overwrite, Spread};

/// Turns the gradient of the output of a formula into that of the only input that wants one, and
/// returns the edge of that. `None`, with nothing done, where that is not all there is to do, or
/// goes wrong.
#[inline(always)]
pub(super) fn overwrite<'a>(node: &'a Node, g: &Tensor) -> Option<&'a Edge> {
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
    let all = set.each_value(blocks, |index, operand| match operand {
        Operand::Array(array) => call.put(index, array),
        Operand::Number(number, _) => scratch.take().is_some_and(|s| call.put_number(index, number as f32, s)),
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

/// The input whose gradient is the only one that is wanted.
#[inline]
fn only_edge(node: &Node) -> Option<usize> {
    let mut wanted = node.edges.iter().enumerate().filter(|(_, edge)| edge.is_some()).map(|(i, _)| i);
    let first = wanted.next()?;
    if wanted.next().is_none() { Some(first) } else { None }
}
