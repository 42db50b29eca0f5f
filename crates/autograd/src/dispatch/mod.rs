//! The one way to run anything.
//!
//! A call goes down: first the interpreters whose keys apply to it, then its body, then its node.
//! Small calls that no key applies to start with [`fast_path`], which knows before the call what
//! this looks up.
//!
//! | module | duty |
//! |---|---|
//! | [`fast_path`] | the first stage, for small dense calls of formulas |
//! | `promotion`, `compute`, `half` | dtypes and values |
//! | [`batched`] | kernels over the samples of a `vmap` |
//! | [`hidden`] | the way into a `vmap` and out of it |
//! | `record` | nodes, for all stages |
//! | [`in_place`], [`update`] | calls that write their inputs |
//! | [`custom`] | the user's functions |
//! | [`infer`] | outputs from facts alone |
//! | [`deferred`] | calls whose values are computed later |
//! | [`prepared`] | calls whose facts are known, to be made again |

pub mod batched;
mod compute;
pub mod custom;
pub mod deferred;
pub mod fast_path;
pub(crate) mod half;
pub mod hidden;
pub mod in_place;
pub mod infer;
pub mod prepared;
mod promotion;
mod record;
pub mod update;

pub(crate) use compute::compute;
pub(crate) use record::record;

use crate::graph::label::Label;
use crate::graph::modes;
use crate::graph::node::{self, Edge};
use crate::graph::tensor::Tensor;
use crate::op::interpreter::{Below, Invocation};
use crate::op::keys::Keys;
use crate::op::{Attrs, Body, HalfOps, OpDef, Outputs};
use adjoint_tensor::Result;
use smallvec::smallvec;

/// Computes `op` and records what its derivative needs.
///
/// `inputs` are the tensor arguments in order, a list argument spread out, `None` for one left out.
/// Errors name the op; when there is one, nothing has changed.
pub fn dispatch(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: Attrs) -> Result<Outputs> {
    let keys = Keys::of(inputs);
    let outputs = if keys.is_empty() {
        run(op, inputs, attrs)
    } else {
        interpreted(keys, &Invocation { op, inputs, attrs: &attrs, in_place: false })
    };
    outputs.map_err(|e| op.named_in(e, false))
}

/// As [`dispatch`], for an op that gives the values of its first input: its output takes over their
/// memory where nothing else holds it.
pub(crate) fn dispatch_reusing(op: &'static OpDef, first: Tensor, second: &Tensor) -> Result<Tensor> {
    let inputs = [Some(&first), Some(second)];
    let mut outputs = if first.is_unshared() && Keys::of(&inputs).is_empty() {
        record::finish_one(op, &inputs, Attrs::new(), first.array().clone())?
    } else {
        dispatch(op, &inputs, Attrs::new())?
    };
    Ok(outputs.swap_remove(0))
}

/// As [`dispatch`], with the outputs that only the op's derivative reads behind the others; for ops
/// that have such.
pub fn dispatch_with_hidden(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: Attrs) -> Result<Outputs> {
    let call = Invocation { op, inputs, attrs: &attrs, in_place: false };
    let outputs = Below::new(Keys::of(inputs), |call| {
        let arrays = compute(call.op, call.inputs, call.attrs)?;
        let all = arrays.len();
        record::finish_first(call.op, call.inputs, call.attrs.clone(), arrays, all)
    })
    .call(&call);
    outputs.map_err(|e| op.named_in(e, false))
}

/// The same by way of the interpreters of `keys`.
#[cold]
#[inline(never)]
fn interpreted(keys: Keys, call: &Invocation) -> Result<Outputs> {
    Below::new(keys, |call| {
        if call.in_place {
            in_place::run(call.op, call.inputs, call.attrs.clone())?;
            return Ok(Outputs::new());
        }
        run(call.op, call.inputs, call.attrs.clone())
    })
    .call(call)
}

/// What is under all interpreters: the body, and the node.
fn run(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: Attrs) -> Result<Outputs> {
    match &op.body {
        Body::Composite(body) => {
            compute::check_composite(op, inputs, &attrs)?;
            if modes::recording() {
                return labelled(op, *body, inputs, &attrs);
            }
            return half::composite(op, *body, inputs, &attrs);
        }
        Body::Update { rule, run } => {
            update::run(op, *rule, *run, inputs, &attrs)?;
            return Ok(Outputs::new());
        }
        _ => {}
    }
    if let HalfOps::Called(ops) = op.half_ops
        && inputs.iter().flatten().any(|t| t.dtype().is_half())
    {
        return Ok(smallvec![ops(inputs, &attrs)?]);
    }
    if let Body::Elementwise { blocks, params } = &op.body {
        let array = compute::elementwise(op, blocks, *params, inputs, &attrs)?;
        return record::finish_one(op, inputs, attrs, array);
    }
    let arrays = compute(op, inputs, &attrs)?;
    record::finish(op, inputs, attrs, arrays)
}

/// Runs a composite and labels the node of its result: with the composite, which pictures show in
/// place of its parts, and with PyTorch's name where that has one op for all.
fn labelled(
    op: &'static OpDef,
    body: fn(&[Option<&Tensor>], &Attrs) -> Result<Outputs>,
    inputs: &[Option<&Tensor>],
    attrs: &Attrs,
) -> Result<Outputs> {
    let before = node::newest();
    let outputs = half::composite(op, body, inputs, attrs)?;
    if node::newest() == before {
        return Ok(outputs);
    }
    let name = op.shown.result.map_or(op.node, |name| name(inputs, attrs));
    for Edge { node, .. } in outputs.iter().filter_map(Tensor::known_grad_fn) {
        // What a composite hands on was made before.
        if node.sequence() > before {
            // One inside of this one may have given it a name.
            let name = if name.is_empty() { node.label().map_or("", |label| label.name) } else { name };
            node.set_label(Label { op, name }, before + 1);
        }
    }
    Ok(outputs)
}
