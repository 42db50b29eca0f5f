//! The short way: calls of small elementwise ops.
//!
//! Most calls of an op on few numbers are alike: contiguous f32 tensors of one shape, the attributes left at their defaults, no
//! transform, hook, capture or profile about. For these [`crate::dispatch`] would find out, call after call, what is known when
//! the program starts. A [`FastPath`] knows it; it computes and records exactly as dispatch does, or declines.

use crate::graph::modes;
use crate::graph::node::{Edge, Edges, Node, NodeKind, OpNode, OutMeta};
use crate::graph::saved::Saved;
use crate::graph::tensor::Tensor;
use crate::op::attrs::Attrs;
use crate::op::{Body, Check, OpDef, Saves};
use adjoint_tensor::apply::{MAX_INPUTS, Plain, compute_by_number};
use adjoint_tensor::{Array, DType};
use smallvec::SmallVec;
use std::cell::RefCell;
use std::rc::Rc;

/// An elementwise op of `N` inputs with attributes that do not change.
pub struct FastPath<const N: usize> {
    op: &'static OpDef,
    is_derivable: bool,
    plain: Plain<N>,
    attrs: Attrs,
}

impl<const N: usize> FastPath<N> {
    /// The short way of an op, where it is elementwise, takes `N` inputs, computes f32 in a loop of its own, and these attributes
    /// allow it.
    pub fn of(op: &'static OpDef, attrs: &Attrs) -> Option<Self> {
        let Body::Elementwise { blocks, params } = &op.body else { return None };
        match op.check {
            Check::Nothing => {}
            Check::Attributes(check) => {
                check(&[None; MAX_INPUTS][..op.args.len().min(MAX_INPUTS)], attrs, DType::Float32).ok()?;
            }
            Check::Calls(_) | Check::Values(_) => return None,
        }
        let plain = Plain::of(blocks, &params(attrs).ok()?)?;
        Some(FastPath { op, is_derivable: op.vjp.function().is_some(), plain, attrs: attrs.clone() })
    }

    /// The result for these tensors; `None`, with nothing done, where the call is not a plain one or fails.
    #[inline(always)]
    pub fn call(&self, inputs: [&Tensor; N]) -> Option<Tensor> {
        // Tangents of tensors that were written are unusual; others are wrapped around the tensor.
        if modes::unusual() || inputs.iter().any(|t| t.wrap().is_some()) {
            return None;
        }
        if inputs.iter().any(|t| t.may_require_grad()) {
            return self.recorded(inputs);
        }
        Some(Tensor::plain(self.plain.compute(inputs.map(Tensor::array))?, None))
    }

    /// The same where an input may require grad: what [`record`](crate::dispatch) does, for inputs that are all f32 and no plain numbers.
    #[inline(never)]
    fn recorded(&self, inputs: [&Tensor; N]) -> Option<Tensor> {
        let mut fails = false;
        let records = self.is_derivable && modes::recording();
        let edges = if records { inputs.map(|t| t.edge_unless(&mut fails)) } else { [const { None }; N] };
        // A view made while nothing was recorded requires grad and has no edge; what is made of it has a node.
        fails |= records && edges.iter().all(Option::is_none) && inputs.iter().any(|t| t.requires_grad());
        // What cannot be saved is a matter of the general way too: it says why.
        if fails || inputs.iter().any(|t| t.is_inference()) {
            return None;
        }
        let array = self.plain.compute(inputs.map(Tensor::array))?;
        if edges.iter().all(Option::is_none) {
            return Some(Tensor::plain(array, None));
        }
        let Saves { inputs: of_inputs, outputs: of_outputs } = self.op.saves;
        let wanted = |masks: &[u8]| {
            masks.iter().zip(&edges).fold(0, |all, (mask, edge)| if edge.is_some() { all | mask } else { all })
        };
        let (of_inputs, of_outputs) = (wanted(of_inputs), wanted(of_outputs));
        // What is kept is put into the node when that has its place in memory: it need not be moved then.
        let record = OpNode { op: self.op, attrs: self.attrs.clone(), numbers: 0, saved: RefCell::default() };
        let mut node =
            Node::new(NodeKind::Op(record), edges_of(edges), SmallVec::from_buf([OutMeta::of_array(&array)]));
        let Node { kind: NodeKind::Op(record), edges, .. } = Rc::get_mut(&mut node)? else { return None };
        let saved = record.saved.get_mut();
        for (i, (t, edge)) in inputs.iter().zip(edges.iter()).enumerate() {
            if of_inputs >> i & 1 == 1 {
                saved.keep_input(t, i, edge.as_ref());
            }
        }
        if of_outputs & 1 == 1 {
            saved.keep(Saved::output_unpacked(array.clone(), 0, None));
        }
        Some(Tensor::plain(array, Some(Edge { node, index: 0 })))
    }
}

/// As a node has them; two, the most in nearly all cases, without going over them one by one.
#[inline(always)]
fn edges_of<const N: usize>(edges: [Option<Edge>; N]) -> Edges {
    let mut edges = edges.into_iter();
    if N > 2 {
        return edges.collect();
    }
    SmallVec::from_buf_and_len([edges.next().flatten(), edges.next().flatten()], N)
}

impl FastPath<2> {
    /// The result for a tensor and a number, which promotes as numbers do.
    #[inline(always)]
    pub fn call_with_number(&self, x: &Tensor, number: f64) -> Option<Tensor> {
        if modes::unusual() || x.wrap().is_some() {
            return None;
        }
        if x.may_require_grad() {
            return self.recorded_with_number(x, number);
        }
        Some(Tensor::plain(self.compute_number(x.array(), number)?, None))
    }

    /// The values, by kernels that take the number as a parameter where the op has such.
    #[inline(always)]
    fn compute_number(&self, x: &Array, number: f64) -> Option<Array> {
        match self.op.by_number {
            Some(blocks_for) => compute_by_number(blocks_for(number), x, number),
            None => self.plain.compute_number(x, number as f32),
        }
    }

    /// The same where the tensor may require grad. A plain number has no edge and is kept as its value.
    #[inline(never)]
    fn recorded_with_number(&self, x: &Tensor, number: f64) -> Option<Tensor> {
        let mut fails = false;
        let records = self.is_derivable && modes::recording();
        let edge = if records { x.edge_unless(&mut fails) } else { None };
        fails |= records && edge.is_none() && x.requires_grad();
        if fails || x.is_inference() {
            return None;
        }
        let array = self.compute_number(x.array(), number)?;
        if edge.is_none() {
            return Some(Tensor::plain(array, None));
        }
        // Only the gradient of the tensor is wanted.
        let first = |masks: &[u8]| masks.first().copied().unwrap_or(0);
        let (of_inputs, of_outputs) = (first(self.op.saves.inputs), first(self.op.saves.outputs));
        let record = OpNode { op: self.op, attrs: self.attrs.clone(), numbers: 0b10, saved: RefCell::default() };
        let metas = SmallVec::from_buf([OutMeta::of_array(&array)]);
        let mut node = Node::new(NodeKind::Op(record), edges_of([edge, None]), metas);
        let Node { kind: NodeKind::Op(record), edges, .. } = Rc::get_mut(&mut node)? else { return None };
        let saved = record.saved.get_mut();
        if of_inputs & 0b01 != 0 {
            saved.keep_input(x, 0, edges[0].as_ref());
        }
        if of_inputs & 0b10 != 0 {
            saved.keep_number(number, 1);
        }
        if of_outputs & 1 == 1 {
            saved.keep(Saved::output_unpacked(array.clone(), 0, None));
        }
        Some(Tensor::plain(array, Some(Edge { node, index: 0 })))
    }
}
