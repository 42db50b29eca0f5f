//! The first stage of dispatch: calls of small elementwise ops.
//!
//! Most calls of an op on few numbers are alike: dense f32 tensors of one shape, the attributes
//! left at their defaults, no key active. For these [`dispatch`](crate::dispatch::dispatch) would
//! find out, call after call, what is known when the program starts. A [`FastPath`] knows it. It
//! declines a call that is not such a one, which then goes through dispatch; for others it computes
//! the same values and records the same node, by the functions of `record`.

use crate::dispatch::record::{make_node, save_inputs, wanted};
use crate::graph::modes;
use crate::graph::node::{Edge, Edges, OutMeta};
use crate::graph::saved::{Saved, SavedSet};
use crate::graph::tensor::Tensor;
use crate::op::{Attrs, Body, Check, OpDef, keys};
use adjoint_cpu::elementwise::MAX_INPUTS;
use adjoint_cpu::elementwise::dense::{Dense, compute_by_number};
use adjoint_tensor::{Array, DType};
use smallvec::SmallVec;

/// An elementwise op of `N` inputs with attributes that do not change.
pub struct FastPath<const N: usize> {
    op: &'static OpDef,
    is_derivable: bool,
    dense: Dense<N>,
    attrs: Attrs,
}

/// Whether a call has to look at nothing but its values and edges.
#[inline(always)]
fn serves<const N: usize>(inputs: [&Tensor; N]) -> bool {
    // Tangents of tensors that were written in place have a key; others are on the inputs.
    keys::are_quiet() && inputs.iter().all(|t| t.tangents().is_none())
}

impl<const N: usize> FastPath<N> {
    /// The fast path of an op, where it is elementwise, takes `N` inputs, computes f32 in a loop of
    /// its own, and these attributes allow it.
    pub fn of(op: &'static OpDef, attrs: &Attrs) -> Option<Self> {
        let Body::Elementwise { blocks, params } = &op.body else { return None };
        match op.check {
            Check::Nothing => {}
            Check::Attributes(check) => {
                check(&[None; MAX_INPUTS][..op.args.len().min(MAX_INPUTS)], attrs, DType::Float32).ok()?;
            }
            Check::Calls(_) | Check::Values(_) => return None,
        }
        let dense = Dense::of(blocks, &params(attrs).ok()?)?;
        Some(FastPath { op, is_derivable: op.vjp.function().is_some(), dense, attrs: attrs.clone() })
    }

    /// The result for these tensors; `None`, with nothing done, where the call is not such a one or
    /// fails.
    #[inline(always)]
    pub fn call(&self, inputs: [&Tensor; N]) -> Option<Tensor> {
        if !serves(inputs) {
            return None;
        }
        if inputs.iter().any(|t| t.may_require_grad()) {
            return self.recorded(inputs);
        }
        Some(Tensor::plain(self.dense.compute(inputs.map(Tensor::array))?, None))
    }

    /// The same where an input may require grad.
    #[inline(never)]
    fn recorded(&self, inputs: [&Tensor; N]) -> Option<Tensor> {
        let edges = self.edges(inputs)?;
        let array = self.dense.compute(inputs.map(Tensor::array))?;
        Some(self.finish(array, 0, edges, |saved, mask, edges| {
            save_inputs(saved, mask, inputs.into_iter().map(Some), edges);
        }))
    }

    /// The edges to the inputs; `None` where dispatch has to find them, or has an error to report.
    #[inline(always)]
    fn edges<const M: usize>(&self, inputs: [&Tensor; M]) -> Option<[Option<Edge>; M]> {
        let mut fails = false;
        let records = self.is_derivable && modes::recording();
        let edges = if records { inputs.map(|t| t.edge_unless(&mut fails)) } else { [const { None }; M] };
        // A view made while nothing was recorded requires grad and has no edge; what is made of it
        // has a node.
        fails |= records && edges.iter().all(Option::is_none) && inputs.iter().any(|t| t.requires_grad());
        // Dispatch reports what cannot be saved.
        if fails || inputs.iter().any(|t| t.is_inference()) { None } else { Some(edges) }
    }

    /// The output, with a node where there is an edge. `save` keeps inputs by mask.
    #[inline(always)]
    fn finish<const M: usize>(
        &self,
        array: Array,
        numbers: u8,
        edges: [Option<Edge>; M],
        save: impl FnOnce(&mut SavedSet, u8, &Edges),
    ) -> Tensor {
        if edges.iter().all(Option::is_none) {
            return Tensor::plain(array, None);
        }
        let (of_inputs, of_outputs) = (wanted(self.op.saves.inputs, &edges), wanted(self.op.saves.outputs, &edges));
        let metas = SmallVec::from_buf([OutMeta::of_array(&array)]);
        let node = make_node(self.op, self.attrs.clone(), numbers, edges_of(edges, N), metas, |saved, edges| {
            save(saved, of_inputs, edges);
            if of_outputs & 1 == 1 {
                saved.keep(Saved::output_unpacked(array.clone(), 0, None));
            }
        });
        Tensor::plain(array, Some(Edge { node, index: 0 }))
    }
}

/// `n` edges as a node has them, of which these are the first; two, the most in nearly all cases,
/// without going over them one by one.
#[inline(always)]
fn edges_of<const M: usize>(edges: [Option<Edge>; M], n: usize) -> Edges {
    let mut edges = edges.into_iter();
    if n > 2 {
        return edges.collect();
    }
    SmallVec::from_buf_and_len([edges.next().flatten(), edges.next().flatten()], n)
}

impl FastPath<2> {
    /// The result for a tensor and a number, which promotes as numbers do.
    #[inline(always)]
    pub fn call_with_number(&self, x: &Tensor, number: f64) -> Option<Tensor> {
        if !serves([x]) {
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
            None => self.dense.compute_number(x, number as f32),
        }
    }

    /// The same where the tensor may require grad. A number has no edge and is saved as its value.
    #[inline(never)]
    fn recorded_with_number(&self, x: &Tensor, number: f64) -> Option<Tensor> {
        let edges = self.edges([x])?;
        let array = self.compute_number(x.array(), number)?;
        Some(self.finish(array, 0b10, edges, |saved, mask, edges| {
            if mask & 0b01 != 0 {
                saved.keep_input(x, 0, edges[0].as_ref());
            }
            if mask & 0b10 != 0 {
                saved.keep_number(number, 1);
            }
        }))
    }
}
