//! Computing in float16 and bfloat16.
//!
//! Kernels have no code for the two: values are widened to float32, which holds them exactly, and
//! results are rounded. [`Half`] says for each op what is rounded, so that the numbers are those of
//! PyTorch's CPU kernels. Elementwise loops convert block by block on the way in and out; other
//! kernels get float32 copies of their operands and write into float32 outputs.

use crate::graph::modes::GradMode;
use crate::graph::tensor::Tensor;
use crate::op::attrs::{Attr, Attrs};
use crate::op::call::{Call, Facts, Spec};
use crate::op::required;
use crate::op::{Arrays, Half, HalfValue, OpDef, Outputs, Params};
use adjoint_tensor::{Array, DType, Meta, Result, promotion};
use smallvec::SmallVec;

/// Whether a kernel is to be run on float32 copies.
#[inline]
pub(crate) fn is_widened(op: &OpDef, inputs: &[Option<&Meta>], specs: &[Spec]) -> bool {
    op.half != Half::Native
        && (inputs.iter().flatten().any(|x| x.dtype().is_half()) || specs.iter().any(|spec| spec.dtype.is_half()))
}

/// Runs a kernel in float32, and rounds its outputs to what `specs` say.
#[inline(never)]
pub(crate) fn kernel(call: &Call, run: fn(&Call, &mut [Array]) -> Result<()>, specs: &[Spec]) -> Result<Arrays> {
    let (asked, attrs) = widened(call.attrs);
    let widen = |x: &Array| match asked {
        // `sum(x, { dtype: 'float16' })` casts before it computes.
        Some(dtype) if x.dtype().is_float() => x.cast(dtype)?.cast(DType::Float32),
        _ => x.cast(x.dtype().widened()),
    };
    let wide: SmallVec<[Option<Array>; 4]> =
        call.inputs.iter().map(|x| x.map(widen).transpose()).collect::<Result<_>>()?;
    let inputs: SmallVec<[Option<&Array>; 4]> = wide.iter().map(Option::as_ref).collect();
    let mut outs = Arrays::new();
    for spec in specs {
        outs.push(Spec { dtype: spec.dtype.widened(), ..spec.clone() }.empty()?);
    }
    let metas: SmallVec<[Option<&Meta>; 4]> = wide.iter().map(|x| x.as_ref().map(Array::meta)).collect();
    let facts = Facts { op: call.op, inputs: &metas, attrs: &attrs };
    run(&Call { facts, inputs: &inputs, checked: call.checked }, &mut outs)?;
    // With the strides the rule says.
    let rounded = |out: Array, dtype| if out.dtype() == dtype { Ok(out) } else { out.duplicate(dtype) };
    outs.into_iter().zip(specs).map(|(out, spec)| rounded(out, spec.dtype)).collect()
}

/// The half dtype the attributes ask for, and the attributes with float32 in its place.
fn widened(attrs: &Attrs) -> (Option<DType>, Attrs) {
    let mut asked = None;
    let mut out = Attrs::new();
    out.0.extend(attrs.0.iter().map(|attr| match attr {
        Attr::DType(dtype) if dtype.is_half() => {
            asked = Some(*dtype);
            Attr::DType(DType::Float32)
        }
        attr => attr.clone(),
    }));
    (asked, out)
}

/// Calls `compute` with the operands and numbers of an elementwise op as its kernel takes them
/// where `dtype` is half.
#[inline(never)]
pub(crate) fn elementwise<R>(
    op: &OpDef,
    mut numbers: Params,
    inputs: &[Option<&Tensor>],
    dtype: DType,
    compute: impl FnOnce(&[&Array], &[f64]) -> Result<R>,
) -> Result<R> {
    if op.half == Half::RoundedParams {
        for number in &mut numbers {
            *number = dtype.nearest(*number);
        }
    }
    let given: SmallVec<[&Tensor; 4]> = inputs.iter().copied().flatten().collect();
    let last = given.len().saturating_sub(1);
    let is_exact = |i: usize, t: &Tensor| {
        // Bools are 0 and 1 in any dtype.
        matches!(t.dtype(), DType::Bool) || (op.half == Half::ExactNumber && i == last && i > 0 && t.rank() == 0)
    };
    let rounded: SmallVec<[Array; 4]> = given
        .iter()
        .enumerate()
        .map(|(i, t)| if is_exact(i, t) { Ok(t.array().clone()) } else { t.array().cast(dtype) })
        .collect::<Result<_>>()?;
    let operands: SmallVec<[&Array; 4]> = rounded.iter().collect();
    compute(&operands, &numbers)
}

/// The value by ops, which record nothing.
#[inline(never)]
pub(crate) fn by_ops(ops: HalfValue, inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Option<Array>> {
    let _off = GradMode::set(false);
    Ok(ops(inputs, attrs)?.map(|t| t.array().clone()))
}

/// Runs the body of a composite; one that rounds once, on float32 copies of half inputs.
#[inline]
pub(crate) fn composite(
    op: &OpDef,
    body: fn(&[Option<&Tensor>], &Attrs) -> Result<Outputs>,
    inputs: &[Option<&Tensor>],
    attrs: &Attrs,
) -> Result<Outputs> {
    if op.half == Half::Once && inputs.iter().flatten().any(|t| t.dtype().is_half()) {
        return once(body, inputs, attrs);
    }
    body(inputs, attrs)
}

#[inline(never)]
fn once(
    body: fn(&[Option<&Tensor>], &Attrs) -> Result<Outputs>,
    inputs: &[Option<&Tensor>],
    attrs: &Attrs,
) -> Result<Outputs> {
    let cast = required::get().cast;
    let wide: SmallVec<[Option<Tensor>; 4]> = inputs
        .iter()
        .map(|t| t.map(|t| if t.dtype().is_half() { cast(t, DType::Float32) } else { Ok(t.clone()) }).transpose())
        .collect::<Result<_>>()?;
    let refs: SmallVec<[Option<&Tensor>; 4]> = wide.iter().map(Option::as_ref).collect();
    let outputs = body(&refs, attrs)?;
    let dtype = promotion::result_type(inputs.iter().flatten().map(|t| promotion::Operand {
        dtype: t.dtype(),
        zero_dim: t.rank() == 0,
        wrapped: t.is_wrapped_number(),
    }));
    if !dtype.is_half() {
        return Ok(outputs);
    }
    outputs.into_iter().map(|t| if t.dtype() == DType::Float32 { cast(&t, dtype) } else { Ok(t) }).collect()
}
