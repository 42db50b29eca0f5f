//! The mean of what is not NaN.

use super::sum::sum_dims;
use crate::elementwise::{div::div, isnan::isnan, logical_not::logical_not, to::to, where_::where_};
use crate::invoke::number;
use crate::shared::checks::{floating, only};
use crate::shared::dims::dims_or_all;
use crate::shared::reduce::samples;
use adjoint_autograd::{Arg, Attrs, Body, Default, Half, Kind, OpDef, Outputs, Tensor};
use adjoint_tensor::{DType, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = only(inputs)?;
    floating("input", x.dtype())?;
    let (dims, keepdim) = (dims_or_all(attrs, 0, x.rank())?, attrs.get_bool(1));
    let nan = isnan(x)?;
    let count = sum_dims(&to(&logical_not(&nan)?, DType::Int64)?, &dims, keepdim)?;
    let known = where_(&nan, &number(0.0)?, x)?;
    let known = match attrs.opt_dtype(2) {
        Some(dtype) => to(&known, dtype)?,
        None => known,
    };
    Ok(smallvec![div(&sum_dims(&known, &dims, keepdim)?, &count)?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "nanmean",
    doc: "Returns the mean of the elements of `input` that are not NaN, of all or over `dim`.\n\n\
          NaN where there are none. Reduced dims disappear unless `keepdim`. The gradient of a NaN element is 0. Floats \
          only. Source: PyTorch, `torch.nanmean`.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("dim", Kind::Ints, Default::None),
        Arg::optional("keepdim", Kind::Bool, Default::Bool(false)),
        Arg::optional("dtype", Kind::DType, Default::None),
    ],
    body: Body::Composite(body),
    half: Half::Once,
    samples: samples::dims,
    errors: || {
        let mut all = samples::wrong_dims();
        all.push(samples::integers([]));
        all
    },
    ..OpDef::COMPOSITE
}
.shipped();
