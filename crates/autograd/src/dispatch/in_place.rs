//! Ops that write their first input, and the history of views.
//!
//! A write through a view changes its base and every other view of it. The base gets a new node,
//! [`CopySlices`], that stands for "the old base with this view replaced"; a view whose base was
//! written since it was made gets a fresh node on demand (`as_strided` of the base's node). The
//! version counter of the shared storage tells which views are stale. This is PyTorch's scheme (its
//! note "View + Inplace update for base tensor").

use crate::dispatch::compute::{by_number, check_composite, compute, with_operands};
use crate::dispatch::promotion::compute_dtype;
use crate::dispatch::record::{record_inputs, save_outputs};
use crate::dispatch::{half, interpreted};
use crate::graph::modes;
use crate::graph::node::{Edge, Edges, Node, NodeKind, OutMeta};
use crate::graph::tensor::Tensor;
use crate::graph::view::CopySlices;
use crate::op::interpreter::{self, Invocation, Untraced};
use crate::op::keys::Keys;
use crate::op::{Attrs, Body, Class, HalfOps, OpDef, Outputs, Vjp, required};
use adjoint_cpu::elementwise;
use adjoint_tensor::{Array, Error, Result, batch, dims, meta::broadcast_shape, promotion};
use smallvec::{SmallVec, smallvec};
use std::rc::Rc;

/// The in-place form of a view: what takes the place of `t`, of which `view` is one. Counts as a
/// write.
pub fn become_view(t: &Tensor, view: &Tensor) -> Result<Tensor> {
    interpreter::check_traced(Untraced::ShapeInPlace)?;
    check_history(t, &[Some(t)])?;
    let is_leaf = t.requires_grad() && t.is_leaf();
    if is_leaf {
        // A leaf under its new shape; what a graph made before knows is the old one.
        if t.grad().is_some() || t.leaf_hooks().is_some() || t.post_hooks().is_some() {
            return Err(Error::autograd(
                "a leaf with a gradient or hooks cannot change its shape; set grad to null first, or use the out-of-place form",
            ));
        }
        t.array().storage().bump_version();
        let leaf = view.detach();
        leaf.set_requires_grad(true)?;
        return Ok(leaf);
    }
    t.array().storage().bump_version();
    let version = t.version();
    let is_root = t.base().is_none_or(|_| t.with_view(|v| v.is_some_and(|v| v.replaces_base.get())));
    view.with_view(|v| {
        if let Some(v) = v {
            v.set_version(version);
            v.replaces_base.set(is_root);
        }
    });
    if t.retains_grad() && view.requires_grad() {
        view.retain_grad()?;
    }
    Ok(view.clone())
}

/// Computes `op` into its first input and moves that tensor to its new edge.
pub fn dispatch_in_place(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: Attrs) -> Result<()> {
    let call = || {
        interpreter::check_written(this(inputs)?)?;
        let keys = Keys::of(inputs);
        if keys.is_empty() {
            return run(op, inputs, attrs);
        }
        interpreted(keys, &Invocation { op, inputs, attrs: &attrs, in_place: true }).map(drop)
    };
    call().map_err(|e| op.named_in(e, true))
}

fn this<'a>(inputs: &[Option<&'a Tensor>]) -> Result<&'a Tensor> {
    inputs[0].ok_or_else(|| Error::usage("expected a tensor as first argument"))
}

/// What is under all interpreters: the write, and the node.
pub(crate) fn run(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: Attrs) -> Result<()> {
    let this = this(inputs)?;
    // Also without a derivative: the values have no longer the history they had.
    let records =
        modes::recording() && !matches!(op.vjp, Vjp::Composite) && inputs.iter().flatten().any(|t| t.requires_grad());
    check(op, this, inputs)?;
    if let Body::Composite(body) = op.body {
        check_composite(op, inputs, &attrs)?;
        return run_composite(op, body, this, inputs, &attrs);
    }
    // The derivative may read the first input as it was.
    let before = if records && op.saves.inputs.iter().any(|mask| mask & 1 == 1) {
        Some(Tensor::with_edge(copy_before(this)?, this.edge()?))
    } else {
        None
    };
    // Other arguments are kept as they are now: if one shares the storage, the write is a change of
    // a saved value.
    let node = if records {
        let mut seen: SmallVec<[Option<&Tensor>; 3]> = SmallVec::from_slice(inputs);
        if before.is_some() {
            seen[0] = before.as_ref();
        }
        Some(record_inputs(op, &seen, attrs.clone(), std::slice::from_ref(this))?)
    } else {
        None
    };
    write(op, inputs, &attrs, this.array())?;
    this.array().storage().bump_version();
    if let Some(node) = node {
        save_outputs(&node, std::slice::from_ref(this))?;
        rebase(this, node)?;
    }
    Ok(())
}

/// The values before a write; where calls are recorded, those of a call.
fn copy_before(this: &Tensor) -> Result<Array> {
    if !interpreter::records_calls() {
        return this.array().duplicate(this.dtype());
    }
    let _mode = modes::GradMode::set(false);
    Ok((required::get().clone)(this)?.array().clone())
}

/// Runs the body of a composite and copies the result.
#[inline(never)]
fn run_composite(
    op: &'static OpDef,
    body: fn(&[Option<&Tensor>], &Attrs) -> Result<Outputs>,
    this: &Tensor,
    inputs: &[Option<&Tensor>],
    attrs: &Attrs,
) -> Result<()> {
    // What its ops save of the first input must not be what is written afterwards.
    let saved = modes::recording() && inputs.iter().flatten().any(|t| t.requires_grad());
    let before = match saved {
        // A copy a record holds.
        true if interpreter::records_calls() => Some((required::get().clone)(this)?),
        true => Some(Tensor::with_edge(this.array().duplicate(this.dtype())?, this.edge()?)),
        false => None,
    };
    let mut seen: SmallVec<[Option<&Tensor>; 3]> = SmallVec::from_slice(inputs);
    if before.is_some() {
        seen[0] = before.as_ref();
    }
    let outputs = half::composite(op, body, &seen, attrs)?;
    check_cast(outputs[0].dtype(), this.array())?;
    (required::get().copy_in_place)(this, &outputs[0])
}

/// Fails where its history forbids a write.
pub(crate) fn check_history(this: &Tensor, inputs: &[Option<&Tensor>]) -> Result<()> {
    if this.is_inference() && !modes::inference() {
        return Err(Error::autograd(
            "in-place update to an inference tensor outside inferenceMode() is not allowed; clone() it first",
        ));
    }
    if modes::recording() && inputs.iter().flatten().any(|t| t.requires_grad()) {
        let node = this.known_grad_fn();
        this.with_view(|view| match view {
            None => Ok(()),
            Some(v) => {
                v.allows_change(node.as_ref(), false)?;
                if this.requires_grad() && v.base.is_leaf() {
                    return Err(Error::autograd(
                        "a view of a leaf tensor that requires grad is being used in an in-place operation; \
                         use noGrad() or the out-of-place form",
                    ));
                }
                Ok(())
            }
        })?;
        if this.requires_grad() && this.is_leaf() {
            return Err(Error::autograd(
                "a leaf tensor that requires grad is being used in an in-place operation; \
                 use noGrad() or the out-of-place form",
            ));
        }
    }
    Ok(())
}

/// What forbids writing `this` now.
fn check(op: &OpDef, this: &Tensor, inputs: &[Option<&Tensor>]) -> Result<()> {
    check_history(this, inputs)?;
    for other in inputs.iter().skip(1).flatten().filter(|t| t.array().shares_storage(this.array())) {
        check_overlap(op, this, other)?;
    }
    let array = this.array();
    let repeats = if array.is_batched() { samples_overlap(array) } else { array.layout().has_internal_overlap() };
    if !op.uniform && repeats {
        return Err(repeats_elements(this));
    }
    Ok(())
}

/// What is forbidden where another input shares the storage that is written.
#[inline(never)]
fn check_overlap(op: &OpDef, this: &Tensor, other: &Tensor) -> Result<()> {
    let refused = match (&op.body, this.array().layout().overlap(other.array().layout())) {
        (Body::Elementwise { .. }, Some(is_same)) => !is_same,
        (_, Some(_)) => op.class == Class::Index,
        (_, None) => false,
    };
    if refused {
        return Err(Error::usage(format!(
            "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single \
             memory location; clone() the input of shape {:?} before performing the operation",
            other.shape()
        )));
    }
    Ok(())
}

#[cold]
#[inline(never)]
fn repeats_elements(this: &Tensor) -> Error {
    Error::usage(format!(
        "unsupported operation: more than one element of the written-to tensor refers to a single memory location; \
         clone() the tensor of shape {:?} before performing the operation",
        this.shape()
    ))
}

/// Computes the op's result into `out`.
fn write(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: &Attrs, out: &Array) -> Result<()> {
    if let Body::Elementwise { blocks, params } = &op.body {
        let dtype = compute_dtype(op, inputs, attrs)?;
        op.check.run(inputs, attrs, dtype)?;
        let mut numbers = params(attrs)?;
        let (mut blocks, mut given) = (blocks, inputs);
        if !dtype.is_half()
            && let Some((simpler, number)) = by_number(op, inputs)
        {
            numbers = number[..simpler.n_params].into();
            (blocks, given) = (simpler, &inputs[..inputs.len() - 1]);
        }
        let compute = |operands: &[&Array], numbers: &[f64]| {
            check_shape(&broadcast_shape(operands.iter().copied())?, out)?;
            let result = if blocks.out_bool { adjoint_tensor::DType::Bool } else { dtype };
            check_cast(result, out)?;
            elementwise::write(blocks, dtype, operands, numbers, out)
        };
        if dtype.is_half() {
            if let HalfOps::Value(ops) = op.half_ops
                && let Some(value) = half::by_ops(ops, inputs, attrs)?
            {
                check_shape(value.shape(), out)?;
                check_cast(value.dtype(), out)?;
                return out.assign(&value);
            }
            return half::elementwise(op, numbers, inputs, dtype, compute);
        }
        return with_operands(given, |operands| compute(operands, &numbers));
    }
    let result = compute(op, inputs, attrs)?;
    let result = &result[0];
    if dims::broadcast(result.shape(), out.shape())?.as_slice() != out.shape() {
        return Err(Error::shape(format!(
            "output with shape {:?} doesn't match the result's shape {:?}",
            out.shape(),
            result.shape()
        )));
    }
    check_cast(result.dtype(), out)?;
    out.assign(result)
}

/// Fails where a result of shape `from` is not that of `out`.
pub(crate) fn check_shape(from: &[usize], out: &Array) -> Result<()> {
    if from == out.shape() {
        return Ok(());
    }
    Err(Error::shape(format!("output with shape {:?} doesn't match the broadcast shape {:?}", out.shape(), from)))
}

/// Fails where a result of dtype `from` would lose its category in `out`.
pub(crate) fn check_cast(from: adjoint_tensor::DType, out: &Array) -> Result<()> {
    if promotion::can_cast(from, out.dtype()) {
        return Ok(());
    }
    Err(Error::dtype(format!(
        "result type {} can't be cast to the desired output type {}; use the out-of-place form or cast with to()",
        from.name(),
        out.dtype().name()
    )))
}

/// Makes `node` the history of `this` after it was written.
pub(crate) fn rebase(this: &Tensor, node: Rc<Node>) -> Result<()> {
    let Some(base) = this.base() else {
        this.rebase(Some(Edge { node, index: 0 }));
        return Ok(());
    };
    let mut edges = Edges::new();
    edges.push(base.edge()?);
    edges.extend(node.edges.iter().skip(1).cloned());
    let copy = CopySlices { base: base.array().layout().clone(), view: this.array().layout().clone(), inner: node };
    let outer = Node::new(NodeKind::CopySlices(Box::new(copy)), edges, smallvec![OutMeta::of(&base)]);
    base.rebase(Some(Edge { node: outer, index: 0 }));
    // The view's own node is rebuilt now, so that its name and edges are current.
    this.rebuild()
}

/// Whether elements, of one sample or of several, share memory.
#[cold]
#[inline(never)]
fn samples_overlap(array: &Array) -> bool {
    batch::with_dims(array.layout(), array.batch(), array.batch(), 0).has_internal_overlap()
}
