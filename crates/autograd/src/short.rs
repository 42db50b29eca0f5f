//! The short way: calls of small elementwise ops.
//!
//! Most calls of an op on few numbers are alike: contiguous f32 tensors of one shape, the attributes left at their defaults, no
//! transform, hook, capture or profile about. For these [`crate::dispatch`] would find out, call after call, what is known when
//! the program starts. A [`Short`] knows it; it computes and records exactly as dispatch does, or declines.

use crate::attrs::Attrs;
use crate::node::{Edge, Edges, Node, NodeKind, OpNode, OutMeta};
use crate::op::{Body, Check, OpDef, Params, Saves};
use crate::saved::{Saved, SavedSet};
use crate::tensor::Tensor;
use crate::{forward_mode, modes};
use adjoint_tensor::apply::{self, Blocks, MAX_INPUTS};
use adjoint_tensor::{Array, DType};
use smallvec::smallvec;
use std::cell::RefCell;

/// An elementwise op with attributes that do not change.
pub struct Short {
    op: &'static OpDef,
    blocks: &'static Blocks,
    params: Params,
    attrs: Attrs,
}

impl Short {
    /// The short way of an op, where it is elementwise, computes f32 in a loop of its own, and these attributes allow it.
    pub fn of(op: &'static OpDef, attrs: &Attrs) -> Option<Short> {
        let Body::Elementwise { blocks, params } = &op.body else { return None };
        blocks.compiled_f32()?;
        match op.check {
            Check::Nothing => {}
            Check::Attributes(check) => {
                check(&[None; MAX_INPUTS][..op.args.len().min(MAX_INPUTS)], attrs, DType::Float32).ok()?;
            }
            Check::Calls(_) => return None,
        }
        Some(Short { op, blocks, params: params(attrs).ok()?, attrs: attrs.clone() })
    }

    /// The result for these tensors; `None`, with nothing done, where the call is not a plain one or fails.
    #[inline]
    pub fn call<const N: usize>(&self, inputs: [&Tensor; N]) -> Option<Tensor> {
        if modes::unusual() || forward_mode::has_tangents(&inputs.map(Some)) {
            return None;
        }
        let array = apply::compute_plain(self.blocks, &self.params, inputs.map(Tensor::array))?;
        if inputs.iter().any(|t| t.may_require_grad()) {
            return self.recorded(inputs, array);
        }
        Some(Tensor::plain(array, None))
    }

    /// The result for a tensor and a number, which promotes as numbers do; only where nothing is recorded.
    #[inline]
    pub fn call_with_number(&self, x: &Tensor, number: f64) -> Option<Tensor> {
        let recorded = x.may_require_grad() && modes::recording();
        if modes::unusual() || forward_mode::has_tangents(&[Some(x)]) || recorded {
            return None;
        }
        let array = apply::compute_plain_number(self.blocks, &self.params, x.array(), number as f32)?;
        Some(Tensor::plain(array, None))
    }

    /// What [`record`](crate::dispatch) does, for inputs that are all f32 and no plain numbers.
    #[inline(never)]
    fn recorded<const N: usize>(&self, inputs: [&Tensor; N], array: Array) -> Option<Tensor> {
        let mut edges = Edges::new();
        let (mut of_inputs, mut of_outputs, mut any) = (0, 0, false);
        if modes::recording() && self.op.vjp.function().is_some() {
            for (i, t) in inputs.iter().enumerate() {
                let edge = t.edge().ok()?;
                if edge.is_some() {
                    let Saves { inputs, outputs } = self.op.saves;
                    any = true;
                    of_inputs |= inputs.get(i).copied().unwrap_or(0);
                    of_outputs |= outputs.get(i).copied().unwrap_or(0);
                }
                edges.push(edge);
            }
        }
        if !any {
            return Some(Tensor::plain(array, None));
        }
        let mut saved = SavedSet::default();
        for (i, t) in inputs.iter().enumerate() {
            if of_inputs >> i & 1 == 1 {
                saved.keep(Saved::input_unpacked(t, i, edges[i].as_ref()).ok()?);
            }
        }
        if of_outputs & 1 == 1 {
            saved.keep(Saved::output_unpacked(array.clone(), 0, None));
        }
        let record = OpNode { op: self.op, attrs: self.attrs.clone(), numbers: 0, saved: RefCell::new(saved) };
        let node = Node::new(NodeKind::Op(record), edges, smallvec![OutMeta::of_array(&array)]);
        Some(Tensor::plain(array, Some(Edge { node, index: 0 })))
    }
}
