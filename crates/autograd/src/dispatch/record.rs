//! Recording a call: its outputs' edges, the node, and what that saves. The fast path records by
//! the same functions.

use crate::graph::drop_queue;
use crate::graph::modes;
use crate::graph::node::{Edge, Edges, Node, NodeKind, OpNode, OutMeta};
use crate::graph::saved::{Saved, SavedSet};
use crate::graph::tensor::Tensor;
use crate::graph::view::{Creation, ViewOf};
use crate::op::keys::{self, Key};
use crate::op::{Arrays, Attrs, Body, OpDef, Outputs, interpreter};
use adjoint_tensor::{Array, Result};
use smallvec::{SmallVec, smallvec};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// How many inputs the masks of a node tell apart.
const MASKED: usize = 8;

/// The output of an op that makes one array, which is not a view.
pub(super) fn finish_one(
    op: &'static OpDef,
    inputs: &[Option<&Tensor>],
    attrs: Attrs,
    array: Array,
) -> Result<Outputs> {
    let out = Tensor::from_array(array);
    if wants_record(op, inputs) {
        let node = record(op, inputs, attrs, std::slice::from_ref(&out))?;
        if out.dtype().is_float() {
            out.set_history(Edge { node, index: 0 });
        }
    }
    Ok(smallvec![out])
}

/// The outputs of an op: tensors of its arrays, with their edges. Hidden outputs are dropped once
/// saved.
pub(super) fn finish(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: Attrs, arrays: Arrays) -> Result<Outputs> {
    let public = arrays.len() - op.hidden_outputs;
    finish_first(op, inputs, attrs, arrays, public)
}

/// The same, for the first `public` outputs.
pub(super) fn finish_first(
    op: &'static OpDef,
    inputs: &[Option<&Tensor>],
    attrs: Attrs,
    arrays: Arrays,
    public: usize,
) -> Result<Outputs> {
    let is_view = matches!(op.body, Body::View(_) | Body::Views(_));
    let mut outputs: Outputs = match inputs.first().copied().flatten() {
        Some(source) if is_view => arrays.into_iter().map(|array| Tensor::view_of(source, array)).collect(),
        _ => arrays.into_iter().map(Tensor::from_array).collect(),
    };
    // Views of inference tensors have no history, and need not know their base.
    let tracked = inputs.first().copied().flatten().filter(|source| is_view && !source.is_inference());
    let records = (!is_view || tracked.is_some()) && wants_record(op, inputs);
    let node = if records { Some(record(op, inputs, attrs, &outputs)?) } else { None };
    outputs.truncate(public);
    if let Some(source) = tracked {
        for t in &outputs {
            t.set_view(ViewOf::new(source, Creation::now(matches!(op.body, Body::Views(_)))));
        }
    }
    if let Some(node) = node {
        for (i, t) in outputs.iter().enumerate() {
            if t.dtype().is_float() {
                t.rebase(Some(Edge { node: node.clone(), index: i as u32 }));
            }
        }
    }
    Ok(outputs)
}

/// Whether a call of `op` is to be recorded.
#[inline]
fn wants_record(op: &OpDef, inputs: &[Option<&Tensor>]) -> bool {
    modes::recording() && op.vjp.function().is_some() && inputs.iter().flatten().any(|t| t.requires_grad())
}

/// Makes the node of a call, with edges to its inputs and what its derivative reads.
pub(crate) fn record(
    op: &'static OpDef,
    inputs: &[Option<&Tensor>],
    attrs: Attrs,
    outputs: &[Tensor],
) -> Result<Rc<Node>> {
    let node = record_inputs(op, inputs, attrs, outputs)?;
    save_outputs(&node, outputs)?;
    Ok(node)
}

/// The first half of [`record`], for in-place ops: all but the values of the outputs, of which only
/// shapes and dtypes are read.
pub(super) fn record_inputs(
    op: &'static OpDef,
    inputs: &[Option<&Tensor>],
    attrs: Attrs,
    outputs: &[Tensor],
) -> Result<Rc<Node>> {
    drop_queue::reserve(inputs.len())?;
    let mut edges = Edges::new();
    let mut numbers = 0;
    for (i, t) in inputs.iter().enumerate() {
        if t.is_some_and(Tensor::is_wrapped_number) && i < MASKED {
            numbers |= 1 << i;
        }
        edges.push(match t {
            Some(t) if t.dtype().is_float() => t.edge()?,
            _ => None,
        });
    }
    let mask = wanted(op.saves.inputs, &edges);
    let metas = match outputs {
        [out] => smallvec![OutMeta::of(out)],
        _ => outputs.iter().map(OutMeta::of).collect(),
    };
    let is_usual = mask == 0 || can_save_at_once(inputs);
    let node = make_node(op, attrs, numbers, edges, metas, |saved, edges| {
        if is_usual {
            save_inputs(saved, mask, inputs.iter().copied(), edges);
        }
    });
    if !is_usual {
        save_by_hooks(&node, mask, inputs)?;
    }
    interpreter::node_made(&node);
    Ok(node)
}

/// Makes a node; `save` puts into it what it keeps, where that is stored, so that it need not be
/// moved.
#[inline(always)]
pub(super) fn make_node(
    op: &'static OpDef,
    attrs: Attrs,
    numbers: u8,
    edges: Edges,
    outputs: SmallVec<[OutMeta; 1]>,
    save: impl FnOnce(&mut SavedSet, &Edges),
) -> Rc<Node> {
    let record = OpNode { op, attrs, numbers, label: Cell::new(0), inside: Cell::new(0), saved: RefCell::default() };
    let mut node = Node::new(NodeKind::Op(record), edges, outputs);
    if let Some(Node { kind: NodeKind::Op(record), edges, .. }) = Rc::get_mut(&mut node) {
        save(record.saved.get_mut(), edges);
    }
    node
}

/// Saves the inputs of the mask. No hooks on saved tensors are set, and none of the inputs is an
/// inference tensor.
#[inline(always)]
pub(super) fn save_inputs<'a>(
    saved: &mut SavedSet,
    mask: u8,
    inputs: impl Iterator<Item = Option<&'a Tensor>>,
    edges: &[Option<Edge>],
) {
    for (i, (t, edge)) in inputs.zip(edges).enumerate().take(MASKED) {
        if let (Some(t), true) = (t, mask >> i & 1 == 1) {
            saved.keep_input(t, i, edge.as_ref());
        }
    }
}

/// The masks of inputs or outputs that the gradients need for which there is an edge, together.
#[inline(always)]
pub(super) fn wanted(masks: &[u8], edges: &[Option<Edge>]) -> u8 {
    masks.iter().zip(edges).fold(0, |all, (mask, edge)| if edge.is_some() { all | mask } else { all })
}

#[inline]
fn can_save_at_once(inputs: &[Option<&Tensor>]) -> bool {
    !keys::is_active(Key::SavedHooks) && !inputs.iter().flatten().any(|t| t.is_inference())
}

/// Saves the inputs of the mask through the hooks on saved tensors. Nothing is borrowed while these
/// run.
#[cold]
#[inline(never)]
fn save_by_hooks(node: &Node, mask: u8, inputs: &[Option<&Tensor>]) -> Result<()> {
    let NodeKind::Op(record) = &node.kind else { return Ok(()) };
    for (i, t) in inputs.iter().enumerate().take(MASKED) {
        if let (Some(t), true) = (t, mask >> i & 1 == 1) {
            let saved = Saved::input(t, i, node.edges[i].as_ref())?;
            record.saved.borrow_mut().keep(saved);
        }
    }
    Ok(())
}

/// The second half of [`record`]: saves those outputs the derivative reads.
pub(super) fn save_outputs(node: &Node, outputs: &[Tensor]) -> Result<()> {
    let NodeKind::Op(record) = &node.kind else { return Ok(()) };
    if record.op.saves.outputs.is_empty() {
        return Ok(());
    }
    let mask = wanted(record.op.saves.outputs, &node.edges);
    if mask == 0 {
        return Ok(());
    }
    for (i, t) in outputs.iter().enumerate().take(MASKED) {
        if mask >> i & 1 == 1 {
            let saved = Saved::output(t, i)?;
            record.saved.borrow_mut().keep(saved);
        }
    }
    Ok(())
}
