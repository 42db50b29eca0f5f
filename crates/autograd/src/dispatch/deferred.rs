//! Calls whose values are computed later than they are recorded: what
//! [`dispatch`](crate::dispatch()) does, in parts.

use crate::dispatch::infer::{self, Given, Known, Metas};
use crate::dispatch::promotion::compute_dtype;
use crate::dispatch::{compute, record};
use crate::graph::modes;
use crate::graph::tensor::Tensor;
use crate::op::{Arrays, Attrs, Body, Check, Class, OpDef, Outputs};
use adjoint_tensor::Result;
use smallvec::SmallVec;

/// The facts of all outputs of a call, hidden ones last; `None` where it cannot wait: where shapes
/// depend on values, values may forbid it, random numbers are drawn, or it is no kernel.
///
/// # Errors
/// The rule refuses the call.
pub fn facts(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Option<Metas>> {
    match op.check {
        Check::Nothing => {}
        // It is about the attributes alone.
        Check::Attributes(_) if inputs.iter().flatten().all(|t| t.dtype().is_float()) => {
            op.check.run(inputs, attrs, compute_dtype(op, inputs, attrs)?)?;
        }
        _ => return Ok(None),
    }
    if op.class == Class::Random {
        return Ok(None);
    }
    match op.body {
        Body::Elementwise { params, .. } => drop(params(attrs)?),
        Body::Kernel { .. } => {}
        _ => return Ok(None),
    }
    let given: SmallVec<[Option<Given>; 4]> =
        inputs.iter().map(|t| t.map(|t| Given { meta: t.array().meta(), is_number: t.is_wrapped_number() })).collect();
    Ok(match infer::with_hidden(op, &given, attrs)? {
        Known::Outputs(metas) => Some(metas),
        Known::ByValues | Known::ByOps => None,
    })
}

/// The outputs of a call whose `arrays`, hidden ones last, are there or will be: tensors, and the
/// node where gradients are recorded.
///
/// # Errors
/// An input cannot be kept for the derivative.
pub fn finish(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: Attrs, arrays: Arrays) -> Result<Outputs> {
    record::finish(op, inputs, attrs, arrays)
}

/// The values of a call, hidden outputs last. Nothing is recorded.
///
/// # Errors
/// The kernel fails, or there is no memory.
pub fn values(op: &'static OpDef, inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Arrays> {
    let _mode = modes::GradMode::set(false);
    compute(op, inputs, attrs).map_err(|e| op.named_in(e, false))
}
