//! The dtype an op computes in.

use crate::graph::tensor::Tensor;
use crate::op::{Attr, Attrs, Kind, OpDef, Promotion};
use adjoint_tensor::promotion::{self, result_type, to_float};
use adjoint_tensor::{DType, Result};

/// The dtype the op's inputs are computed in.
#[inline]
pub(crate) fn compute_dtype(op: &OpDef, inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<DType> {
    let common = |from: usize| {
        let tensors = &inputs[from.min(inputs.len())..];
        leading_dtype(op, tensors, attrs)
            .unwrap_or_else(|| promoted_dtype(op, tensors.iter().flatten().map(|t| operand(t)), attrs))
    };
    Ok(by_promotion(op.promotion, common, || inputs.iter().flatten().next().map(|t| t.dtype())))
}

/// The dtype of a computation by its kind of promotion: `common` is that of the inputs from one on,
/// `first` that of the first.
#[inline]
pub(crate) fn by_promotion(
    promotion: Promotion,
    common: impl Fn(usize) -> DType,
    first: impl FnOnce() -> Option<DType>,
) -> DType {
    match promotion {
        Promotion::Common | Promotion::Compare => common(0),
        Promotion::Integral => match common(0) {
            DType::Bool => DType::Int64,
            dtype => dtype,
        },
        Promotion::Float => to_float(common(0)),
        Promotion::CommonFrom(n) => common(n as usize),
        Promotion::First | Promotion::Keep => first().unwrap_or(promotion::DEFAULT_FLOAT),
    }
}

/// The common dtype in the usual cases: all tensors have that of the first, or are numbers of no
/// higher category, which change nothing; and no attribute takes part.
#[inline]
fn leading_dtype(op: &OpDef, tensors: &[Option<&Tensor>], attrs: &Attrs) -> Option<DType> {
    let mut given = tensors.iter().flatten();
    let first = given.next()?;
    let dtype = first.dtype();
    let agrees = |t: &Tensor| {
        if t.is_wrapped_number() { promotion::can_cast(t.dtype(), dtype) } else { t.dtype() == dtype }
    };
    let no_scalars = attrs.0.is_empty() || op.args.iter().all(|arg| arg.kind != Kind::Scalar);
    (no_scalars && !first.is_wrapped_number() && given.all(|t| agrees(t))).then_some(dtype)
}

/// The common dtype by PyTorch's rules.
#[inline(never)]
pub(crate) fn promoted_dtype(op: &OpDef, operands: impl Iterator<Item = promotion::Operand>, attrs: &Attrs) -> DType {
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
    result_type(operands.chain(numbers))
}

fn operand(t: &Tensor) -> promotion::Operand {
    promotion::Operand { dtype: t.dtype(), zero_dim: t.rank() == 0, wrapped: t.is_wrapped_number() }
}
