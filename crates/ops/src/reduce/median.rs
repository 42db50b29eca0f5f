//! The middle element, the lower one of two.

use super::max::{DIM_ARGS, vjp_all};
use super::{any, argmax};
use crate::elementwise::{isnan::isnan, to::to, where_::where_};
use crate::index::{gather::gather, sort::sort};
use crate::shared::dims::{not_empty, one_of};
use crate::shared::reduce::samples;
use crate::view::{select::select, squeeze::squeeze, unsqueeze::unsqueeze};
use adjoint_autograd::{Arg, Attrs, Body, Call, Class, Facts, OpDef, Outputs, Saves, Spec, Specs, Tensor, Vjp};
use adjoint_kernels::index;
use adjoint_tensor::{Array, DType, Error, Result, Scalar};
use smallvec::smallvec;

/// Writes the middle of all elements: NaN if there is one, or, with `skip`, of those that are not
/// NaN.
fn middle_into(x: &Array, skip: bool, out: &Array) -> Result<()> {
    let value = if x.dtype().is_float() {
        let mut values = x.to_vec_f64()?;
        let nan = values.iter().any(|v| v.is_nan());
        if skip {
            values.retain(|v| !v.is_nan());
        }
        if values.is_empty() || (nan && !skip) {
            Scalar::Float(f64::NAN)
        } else {
            let middle = (values.len() - 1) / 2;
            Scalar::Float(index::nth(&values, middle))
        }
    } else {
        let values = x.to_vec_i64()?;
        Scalar::Int(index::nth(&values, (values.len() - 1) / 2))
    };
    out.fill(value);
    Ok(())
}

pub(super) fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    if !x.dtype().is_float() {
        not_empty(x.shape(), &[], false)?;
    }
    Ok(Spec::one([], x.dtype()))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    middle_into(call.input(0), false, &outs[0])
}

pub(super) fn run_skipping(call: &Call, outs: &mut [Array]) -> Result<()> {
    middle_into(call.input(0), true, &outs[0])
}

/// Values and indices along `dim`; with `skip`, of the elements that are not NaN.
pub(super) fn along_dim(inputs: &[Option<&Tensor>], attrs: &Attrs, skip: bool) -> Result<Outputs> {
    let x = inputs[0].ok_or_else(|| Error::usage("expected a tensor"))?;
    let d = adjoint_tensor::dims::wrap_dim(attrs.get_int(0)?, x.rank())?;
    if x.rank() == 0 {
        let index = Tensor::from_array(Array::zeros(&[], DType::Int64)?);
        return Ok(smallvec![x.clone(), index]);
    }
    not_empty(x.shape(), &one_of(d, x.rank()), true)?;
    let plain = x.detach();
    let (_, order) = sort(&plain, d as i64, false)?;
    let n = x.shape()[d];
    let index = if x.dtype().is_float() {
        let nans = isnan(&plain)?;
        if skip {
            // NaNs sort last: the middle of the others is at half their count, less one, rounded
            // down.
            let valid = crate::elementwise::logical_not::logical_not(&nans)?;
            let count = super::sum::sum_dims(&to(&valid, DType::Int64)?, &[d], true)?;
            let last = crate::elementwise::sub::sub(&count, &Tensor::number(Scalar::Int(1))?)?;
            let floor = crate::elementwise::floor_divide::floor_divide(&last, &Tensor::number(Scalar::Int(2))?)?;
            let at = crate::elementwise::maximum::maximum(&floor, &Tensor::number(Scalar::Int(0))?)?;
            squeeze(&gather(&order, d, &at)?, d)?
        } else {
            let lower = select(&order, d, (n - 1) / 2)?;
            let first = argmax::argmax(&to(&nans, DType::UInt8)?, d, false)?;
            where_(&any::any_dim(&nans, d)?, &first, &lower)?
        }
    } else {
        select(&order, d, (n - 1) / 2)?
    };
    let lifted = unsqueeze(&index, d)?;
    let values = gather(x, d, &lifted)?;
    if attrs.get_bool(1) { Ok(smallvec![values, lifted]) } else { Ok(smallvec![squeeze(&values, d)?, index]) }
}

/// The ops: of everything, and along a dim.
pub static DEFS: &[&OpDef] = &[&ALL, &DIM];

static ALL: OpDef = OpDef {
    name: "median",
    doc: "Returns the middle element of `input`, the lower one where their number is even.\n\n\
          Without `dim` the median of all, and equal elements share the gradient evenly; with `dim` values and int64 indices \
          along it, and the gradient goes to the element the index names. NaN if there is one. Without elements a floating \
          `input` gives NaN. Source: PyTorch, `torch.median`.",
    args: &[Arg::tensor("input")],
    class: Class::Reduce,
    node: "MedianBackward0",
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(vjp_all),
    saves: Saves::BOTH,
    samples: samples::whole,
    ..OpDef::BASE
}
.shipped();

static DIM: OpDef = OpDef {
    name: "median.dim",
    args: DIM_ARGS,
    outputs: &["values", "indices"],
    class: Class::Composite,
    body: Body::Composite(|inputs, attrs| along_dim(inputs, attrs, false)),
    vjp: Vjp::Composite,
    samples: samples::dim,
    errors: samples::wrong_dim,
    ..ALL
}
.shipped();
