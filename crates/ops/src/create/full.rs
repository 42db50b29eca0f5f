//! One value everywhere.

use crate::invoke;
use crate::shared::checks;
use crate::shared::create::factory::{self, DTYPE};
use crate::shared::view::samples::{int, ints};
use adjoint_autograd::{Arg, Attr, Attrs, Body, Call, Facts, Kind, OpDef, Sample, Spec, Specs, Tensor};
use adjoint_tensor::{Array, DType, Error, Result, Scalar};

fn rule(call: &Facts) -> Result<Specs> {
    let dtype = call.attrs.opt_dtype(2).unwrap_or_else(|| factory::dtype_of(call.attrs.get(1)));
    value(call.attrs, 1, dtype)?;
    Ok(Spec::one(call.attrs.get_shape(0)?, dtype))
}

/// Attribute `at`, which the dtype must hold.
pub(super) fn value(attrs: &Attrs, at: usize, dtype: DType) -> Result<Scalar> {
    let value = attrs.opt_scalar(at).ok_or_else(|| Error::usage("expected a number as fill value"))?;
    checks::holds("the fill value", value, dtype)?;
    Ok(value)
}

/// Fills the output with the number that attribute `at` is.
pub(super) fn fill(call: &Call, outs: &[Array], at: usize) -> Result<()> {
    outs[0].fill(value(call.attrs, at, outs[0].dtype())?);
    Ok(())
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "full",
    doc: "Returns a tensor of shape `size` with every element `fill_value`.\n\n\
          Where no dtype is given it is that of the number: bool, int64 or float32. Source: PyTorch, `torch.full`.",
    args: &[Arg::required("size", Kind::Ints), Arg::required("fill_value", Kind::Factor), DTYPE],
    body: Body::Kernel { rule, run: |call, outs| fill(call, outs, 1) },
    samples: || {
        vec![
            Sample::new("an integer", vec![ints(&[2, 3]).into(), int(7).into()]),
            Sample::new("a bool", vec![ints(&[2]).into(), Attr::Bool(true).into()]),
            Sample::new("a dtype", vec![ints(&[]).into(), Attr::Float(2.5).into(), Attr::DType(DType::Float64).into()]),
        ]
    },
    ..factory::factory()
}
.shipped();

/// A tensor with every element `value`.
pub fn full(shape: &[usize], value: impl Into<Scalar>, dtype: DType) -> Result<Tensor> {
    invoke::with(&DEF, &[], Attrs::new().shape(shape).scalar(value).dtype(dtype))
}
