//! Numbers in the place of NaN and infinities.

use super::{eq::eq, isnan::isnan, where_::where_};
use crate::invoke::number;
use crate::shared::checks::only;
use crate::shared::samples;
use crate::view::clone::clone;
use adjoint_autograd::{Arg, Attrs, Body, Default, Kind, OpDef, Outputs, Tensor};
use adjoint_tensor::{DType, Result};
use smallvec::smallvec;

/// The greatest finite number of a floating dtype.
fn greatest(dtype: DType) -> f64 {
    match dtype {
        DType::Float64 => f64::MAX,
        DType::Float16 => 65504.0,
        // 2^128 less the last of eight bits.
        DType::BFloat16 => 255.0 * 2f64.powi(120),
        _ => f64::from(f32::MAX),
    }
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = only(inputs)?;
    if !x.dtype().is_float() {
        return Ok(smallvec![clone(x)?]);
    }
    let most = greatest(x.dtype());
    let or = |i: usize, otherwise: f64| number(attrs.opt_float(i).unwrap_or(otherwise));
    let out = where_(&isnan(x)?, &or(0, 0.0)?, x)?;
    let out = where_(&eq(x, &number(f64::INFINITY)?)?, &or(1, most)?, &out)?;
    Ok(smallvec![where_(&eq(x, &number(f64::NEG_INFINITY)?)?, &or(2, -most)?, &out)?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "nan_to_num",
    doc: "Returns `input` with `nan` in the place of NaN, `posinf` in that of ∞ and `neginf` in that of −∞.\n\n\
          They default to 0 and the greatest and least number of the dtype. The gradient is 0 there. Integers are \
          copied. Source: PyTorch, `torch.nan_to_num`.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("nan", Kind::Float, Default::None),
        Arg::optional("posinf", Kind::Float, Default::None),
        Arg::optional("neginf", Kind::Float, Default::None),
    ],
    in_place: true,
    body: Body::Composite(body),
    samples: samples::unary,
    ..OpDef::COMPOSITE
}
.shipped();
