//! The sum of what is not NaN.

use super::sum;
use crate::elementwise::{isnan::isnan, where_::where_};
use crate::invoke;
use crate::shared::reduce::samples;
use adjoint_autograd::op::Default;
use adjoint_autograd::{Arg, Attrs, Body, Half, Kind, OpDef, Outputs, Tensor};
use adjoint_tensor::{Error, Result};

const DTYPE: Arg = Arg::optional("dtype", Kind::DType, Default::None);

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs, op: &'static OpDef) -> Result<Outputs> {
    let x = inputs[0].ok_or_else(|| Error::usage("expected a tensor"))?;
    let x = if x.dtype().is_float() { where_(&isnan(x)?, &invoke::number(0.0)?, x)? } else { x.clone() };
    invoke::many(op, &[Some(&x)], attrs.clone())
}

/// The ops: over everything, and over dims.
pub static DEFS: &[&OpDef] = &[&ALL, &DIM];

static ALL: OpDef = OpDef {
    name: "nansum",
    doc: "Returns the sum of the elements of `input` over `dim`, taking NaN as 0.\n\n\
          `dim` is an integer, a list, or left out for all; reduced dims disappear unless `keepdim`. The gradient of a NaN \
          element is 0. Source: PyTorch, `torch.nansum`.",
    args: &[Arg::tensor("input"), DTYPE],
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, sum::DEFS[0])),
    half: Half::Once,
    samples: samples::whole,
    ..OpDef::COMPOSITE
}
.shipped();

static DIM: OpDef = OpDef {
    name: "nansum.dim",
    args: &[
        Arg::tensor("input"),
        Arg::required("dim", Kind::Ints),
        Arg::optional("keepdim", Kind::Bool, Default::Bool(false)),
        DTYPE,
    ],
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, sum::DEFS[1])),
    half: Half::Once,
    samples: samples::dims,
    errors: samples::wrong_dims,
    ..ALL
}
.shipped();
