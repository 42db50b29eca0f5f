//! The one way to run anything.

use crate::attrs::{Attr, Attrs};
use crate::call::{Call, Specs};
use crate::in_place::{Creation, ViewOf};
use crate::node::{Edge, Edges, Node, NodeKind, OpNode, OutMeta};
use crate::op::{Arrays, Body, Kind, OpDef, Outputs, Promotion, Vjp};
use crate::profile::Span;
use crate::saved::{Saved, SavedSet};
use crate::tensor::Tensor;
use crate::{capture, forward_mode, hooks, modes, vmap};
use adjoint_tensor::promotion::{self, result_type, to_float};
use adjoint_tensor::{Array, DType, Error, Result, apply};
use smallvec::{SmallVec, smallvec};
use std::cell::RefCell;
use std::rc::Rc;

/// Computes `op` and records what its derivative needs.
///
/// `inputs` are the tensor arguments in order, a list argument spread out, `None` for one left out. Errors name the op;
/// when there is one, nothing has changed.
pub fn dispatch(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: Attrs) -> Result<Outputs> {
    let _span = Span::op(op, false);
    run(op, inputs, attrs).map_err(|e| e.in_op(op.public_name()))
}

fn run(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: Attrs) -> Result<Outputs> {
    if let Body::Composite(body) = op.body {
        return body(inputs, &attrs);
    }
    vmap::check(op)?;
    if inputs.iter().flatten().any(|t| t.wrap().is_some()) {
        return forward_mode::dispatch(op, inputs, attrs);
    }
    let arrays = compute(op, inputs, &attrs)?;
    if !capture::active() {
        return wrap(op, inputs, attrs, arrays);
    }
    let outputs = wrap(op, inputs, attrs.clone(), arrays)?;
    capture::record(op, inputs, &attrs, &outputs, false);
    Ok(outputs)
}

/// Runs the op's body on the values.
pub(crate) fn compute(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Arrays> {
    if let Body::Elementwise { blocks, params } = &op.body {
        let dtype = compute_dtype(op, inputs, attrs)?;
        (op.check)(inputs, attrs, dtype)?;
        let arrays = present(inputs);
        let layout = apply::broadcast_layout(arrays.iter().copied())?;
        let out = Array::empty_like(&layout, if blocks.out_bool { DType::Bool } else { dtype })?;
        apply::elementwise(blocks, dtype, &arrays, &params(attrs)?, &out)?;
        return Ok(smallvec![out]);
    }
    let mut arrays: SmallVec<[Option<&Array>; 4]> = SmallVec::new();
    for t in inputs {
        arrays.push(t.map(Tensor::array));
    }
    match &op.body {
        Body::Kernel { rule, run } => {
            let call = Call { op, inputs: &arrays, attrs };
            let specs: Specs = rule(&call)?;
            let mut outs = Arrays::new();
            for spec in &specs {
                outs.push(Array::empty(&spec.shape, spec.dtype)?);
            }
            run(&call, &mut outs)?;
            Ok(outs)
        }
        Body::Dynamic(f) => f(&Call { op, inputs: &arrays, attrs }),
        Body::View(f) => {
            let base = first(&arrays)?;
            Ok(smallvec![base.with_layout(f(base, attrs)?)?])
        }
        Body::Views(f) => {
            let base = first(&arrays)?;
            f(base, attrs)?.into_iter().map(|layout| base.with_layout(layout)).collect()
        }
        Body::Elementwise { .. } | Body::Composite(_) => unreachable!("handled above"),
    }
}

/// The values of the inputs that were given.
pub(crate) fn present<'a>(inputs: &[Option<&'a Tensor>]) -> SmallVec<[&'a Array; 4]> {
    let mut arrays = SmallVec::new();
    for t in inputs.iter().flatten() {
        arrays.push(t.array());
    }
    arrays
}

fn first<'a>(arrays: &[Option<&'a Array>]) -> Result<&'a Array> {
    arrays.first().copied().flatten().ok_or_else(|| Error::usage("expected a tensor as first argument"))
}

/// The dtype the op's inputs are computed in.
pub(crate) fn compute_dtype(op: &OpDef, inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<DType> {
    let common = |from: usize| -> DType {
        let tensors = inputs.iter().skip(from).flatten();
        // The usual case: all the same.
        let mut tensors_again = tensors.clone();
        if let Some(t) = tensors_again.next() {
            let dtype = t.dtype();
            if !t.is_wrapped_number()
                && tensors_again.all(|u| u.dtype() == dtype && !u.is_wrapped_number())
                && attrs.0.is_empty()
            {
                return dtype;
            }
        }
        let numbers = op
            .args
            .iter()
            .filter(|a| !a.kind.is_tensor())
            .zip(&attrs.0)
            .filter(|(arg, _)| arg.kind == Kind::Scalar)
            .filter_map(|(_, attr)| match attr {
                Attr::Scalar(s) => Some(promotion::Operand { dtype: s.dtype(), zero_dim: true, wrapped: true }),
                _ => None,
            });
        result_type(tensors.map(|t| operand(t)).chain(numbers))
    };
    Ok(match op.promotion {
        Promotion::Common | Promotion::Compare => common(0),
        Promotion::Float => to_float(common(0)),
        Promotion::CommonFrom(n) => common(n as usize),
        Promotion::First | Promotion::Keep => {
            inputs.iter().flatten().next().map_or(promotion::DEFAULT_FLOAT, |t| t.dtype())
        }
    })
}

fn operand(t: &Tensor) -> promotion::Operand {
    promotion::Operand { dtype: t.dtype(), zero_dim: t.rank() == 0, wrapped: t.is_wrapped_number() }
}

/// Turns computed arrays into tensors with their place in the graph. Hidden outputs are dropped once saved.
fn wrap(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: Attrs, arrays: Arrays) -> Result<Outputs> {
    let public = arrays.len() - op.hidden_outputs;
    let is_view = matches!(op.body, Body::View(_) | Body::Views(_));
    let mut outputs: Outputs = match inputs.first().copied().flatten() {
        Some(source) if is_view => arrays.into_iter().map(|array| Tensor::window(source, array)).collect(),
        _ => arrays.into_iter().map(Tensor::from_array).collect(),
    };
    let records = wants_record(op, inputs);
    let node = if records { Some(record(op, inputs, attrs, &outputs)?) } else { None };
    outputs.truncate(public);
    if is_view {
        let source = inputs[0].expect("a view has a source");
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
pub(crate) fn wants_record(op: &OpDef, inputs: &[Option<&Tensor>]) -> bool {
    modes::recording() && matches!(op.vjp, Vjp::Fn(_)) && inputs.iter().flatten().any(|t| t.requires_grad())
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

/// The first half of [`record`], for in-place ops: all but the outputs' values, of which only shapes and dtypes are read.
pub(crate) fn record_inputs(
    op: &'static OpDef,
    inputs: &[Option<&Tensor>],
    attrs: Attrs,
    outputs: &[Tensor],
) -> Result<Rc<Node>> {
    let mut edges = Edges::new();
    for t in inputs {
        edges.push(match t {
            Some(t) if t.dtype().is_float() => t.edge()?,
            _ => None,
        });
    }
    let saved = SavedSet { inputs: save_inputs(wanted(op.saves.inputs, &edges), inputs)?, ..SavedSet::default() };
    let metas = outputs.iter().map(OutMeta::of).collect();
    let node = Node::new(NodeKind::Op(OpNode { op, attrs, saved: RefCell::new(saved) }), edges, metas);
    if modes::anomaly().enabled {
        hooks::trace(&node);
    }
    Ok(node)
}

/// The second half: keeps those outputs the derivative reads.
pub(crate) fn save_outputs(node: &Rc<Node>, outputs: &[Tensor]) -> Result<()> {
    let NodeKind::Op(record) = &node.kind else { return Ok(()) };
    let mask = wanted(record.op.saves.outputs, &node.edges);
    if mask == 0 {
        return Ok(());
    }
    let mut kept = SmallVec::new();
    for (i, t) in outputs.iter().enumerate().take(8 - mask.leading_zeros() as usize) {
        kept.push(if mask >> i & 1 == 1 { Some(Saved::output(t, i)?) } else { None });
    }
    record.saved.borrow_mut().outputs = kept;
    Ok(())
}

/// What the gradients that are wanted need, of masks by input.
fn wanted(masks: &[u8], edges: &Edges) -> u8 {
    edges.iter().zip(masks).filter(|(edge, _)| edge.is_some()).fold(0, |all, (_, mask)| all | mask)
}

fn save_inputs(mask: u8, inputs: &[Option<&Tensor>]) -> Result<SmallVec<[Option<Saved>; 2]>> {
    let mut kept = SmallVec::new();
    for i in 0..8 - mask.leading_zeros() as usize {
        kept.push(match inputs.get(i).copied().flatten() {
            Some(t) if mask >> i & 1 == 1 => Some(Saved::input(t)?),
            _ => None,
        });
    }
    Ok(kept)
}
