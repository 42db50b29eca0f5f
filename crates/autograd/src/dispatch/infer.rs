//! What a call gives, from facts alone: shapes, dtypes and strides of the outputs before anything
//! is computed. A tracer, a planner or an exporter asks this; [`crate::dispatch`] asks the same
//! rules.

use crate::dispatch::promotion::{by_promotion, promoted_dtype};
use crate::dispatch::update;
use crate::graph::tensor::Tensor;
use crate::op::attrs::Attrs;
use crate::op::call::{Facts, Spec};
use crate::op::{Body, HalfOps, OpDef, Promotion};
use adjoint_tensor::{Array, DType, Error, Meta, Result, meta::broadcast_shape, order, promotion};
use smallvec::{SmallVec, smallvec};

/// What is known of an input before it has values.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// Dtype, shape and strides.
    pub meta: &'a Meta,
    /// Whether it is a number, which promotes as one.
    pub is_number: bool,
}

/// The facts of the outputs of a call.
pub type Metas = SmallVec<[Meta; 1]>;

/// What facts tell of the outputs of a call.
#[derive(Clone, Debug)]
pub enum Known {
    /// All that facts are.
    Outputs(Metas),
    /// Nothing: shapes depend on values.
    ByValues,
    /// What the ops give that the op is made of.
    ByOps,
}

/// What facts tell of the outputs that a caller of `op` gets.
///
/// # Errors
/// The rule refuses the call. What values forbid only [`crate::op::Check`] finds.
pub fn outputs(op: &'static OpDef, inputs: &[Option<Given>], attrs: &Attrs) -> Result<Known> {
    let mut known = with_hidden(op, inputs, attrs)?;
    if let (Known::Outputs(metas), Body::Kernel { .. }) = (&mut known, op.body) {
        metas.truncate(metas.len() - op.hidden_outputs);
    }
    Ok(known)
}

/// The same with the outputs that only the op's derivative reads behind the others.
pub(super) fn with_hidden(op: &'static OpDef, inputs: &[Option<Given>], attrs: &Attrs) -> Result<Known> {
    let metas: SmallVec<[Option<&Meta>; 4]> = inputs.iter().map(|x| x.map(|x| x.meta)).collect();
    let is_half = metas.iter().flatten().any(|x| x.dtype().is_half());
    if is_half && matches!(op.half_ops, HalfOps::Called(_)) {
        return Ok(Known::ByOps);
    }
    let first = || metas.first().copied().flatten().ok_or_else(|| Error::usage("expected a tensor as first argument"));
    let facts = Facts { op, inputs: &metas, attrs };
    Ok(match op.body {
        Body::Composite(_) if op.by_values => Known::ByValues,
        Body::Composite(_) => Known::ByOps,
        Body::Elementwise { blocks, .. } => {
            let dtype = compute_dtype(op, inputs, attrs);
            let result = if blocks.out_bool { DType::Bool } else { dtype };
            Known::Outputs(smallvec![elementwise(op, inputs, dtype, result)?])
        }
        Body::Kernel { rule, .. } => {
            let specs = rule(&facts)?;
            Known::Outputs(specs.iter().map(Spec::meta).collect::<Result<_>>()?)
        }
        Body::Dynamic { rule, .. } => match rule(&facts)? {
            Some(specs) => Known::Outputs(specs.iter().map(Spec::meta).collect::<Result<_>>()?),
            None => Known::ByValues,
        },
        // What it writes.
        Body::Update { rule, .. } => Known::Outputs(update::outputs(&facts, rule)?),
        Body::View(layout) => {
            let base = first()?;
            Known::Outputs(smallvec![Meta::of(layout(base, attrs)?, base.dtype())])
        }
        Body::Views(layouts) => {
            let base = first()?;
            Known::Outputs(layouts(base, attrs)?.into_iter().map(|layout| Meta::of(layout, base.dtype())).collect())
        }
    })
}

/// The dtype the inputs are computed in, as `dispatch` finds it.
fn compute_dtype(op: &OpDef, inputs: &[Option<Given>], attrs: &Attrs) -> DType {
    let operand =
        |x: &Given| promotion::Operand { dtype: x.meta.dtype(), zero_dim: x.meta.rank() == 0, wrapped: x.is_number };
    let common =
        |from: usize| promoted_dtype(op, inputs[from.min(inputs.len())..].iter().flatten().map(operand), attrs);
    by_promotion(op.promotion, common, || inputs.iter().flatten().next().map(|x| x.meta.dtype()))
}

/// The result of a formula.
fn elementwise(op: &OpDef, inputs: &[Option<Given>], dtype: DType, result: DType) -> Result<Meta> {
    let mut given: SmallVec<[Given; 4]> = inputs.iter().copied().flatten().collect();
    // A number as parameter is no operand.
    if !dtype.is_half() && op.by_number.is_some() && given.last().is_some_and(|x| x.is_number) {
        given.pop();
    }
    let uncast = if let Promotion::CommonFrom(n) = op.promotion { n as usize } else { 0 };
    let operand = |x: &Given| match x.meta.dtype() {
        // A copy of that dtype.
        from if dtype.is_half() && from != dtype && from != DType::Bool => Meta::contiguous(x.meta.shape(), dtype),
        _ => Ok(x.meta.clone()),
    };
    let operands: Metas = given.iter().map(operand).collect::<Result<_>>()?;
    let operands: SmallVec<[&Meta; 4]> = operands.iter().collect();
    let shape = broadcast_shape(operands.iter().copied())?;
    match order::of_fresh(&shape, &operands, dtype, uncast) {
        None => Meta::contiguous(&shape, result),
        Some(layout) => Ok(Meta::of(layout, result)),
    }
}

/// The value of a formula that other ops computed, with the strides that the formula gives it.
pub(crate) fn laid_out(op: &OpDef, inputs: &[Option<&Tensor>], value: Array) -> Result<Array> {
    let given: SmallVec<[Option<Given>; 4]> =
        inputs.iter().map(|t| t.map(|t| Given { meta: t.array().meta(), is_number: t.is_wrapped_number() })).collect();
    let meta = elementwise(op, &given, value.dtype(), value.dtype())?;
    let strides = if meta.has_usual_strides() { None } else { Some(meta.strides().into()) };
    Spec { strides, ..Spec::new(meta.shape(), meta.dtype()) }.lay_out(value)
}
