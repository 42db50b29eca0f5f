//! Equality up to a tolerance.

use super::{abs::abs, add::add, eq::eq, isfinite::isfinite, isnan::isnan, le::le, mul::mul, sub::sub};
use super::{logical_and::logical_and, logical_or::logical_or};
use crate::invoke;
use crate::reduce::all::all;
use crate::shared::samples;
use crate::shared::view::samples::fails;
use adjoint_autograd::{Api, Arg, Attrs, Body, Class, Default, Kind, OpDef, Sample, SampleTensor, Tensor, Vjp};
use adjoint_tensor::{Code, DType, Error, Result};
use smallvec::smallvec;

fn close(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Tensor> {
    let [Some(x), Some(other)] = *inputs else { return Err(Error::usage("expected two tensors")) };
    if x.dtype() != other.dtype() {
        return Err(Error::dtype(format!(
            "input and other must have the same dtype, got {} and {}; cast with to()",
            x.dtype().name(),
            other.dtype().name()
        )));
    }
    let (rtol, atol) = (attrs.opt_float(0).unwrap_or(1e-5), attrs.opt_float(1).unwrap_or(1e-8));
    for (name, v) in [("rtol", rtol), ("atol", atol)] {
        if v < 0.0 {
            return Err(Error::usage(format!("{name} must be greater than or equal to zero, got {v}")));
        }
    }
    let (x, other) = (x.detach(), other.detach());
    let mut out = eq(&x, &other)?;
    if attrs.get_bool(2) {
        out = logical_or(&out, &logical_and(&isnan(&x)?, &isnan(&other)?)?)?;
    }
    if rtol == 0.0 && atol == 0.0 {
        return Ok(out);
    }
    let wide = |t: &Tensor| if t.dtype() == DType::Bool { super::to::to(t, DType::UInt8) } else { Ok(t.clone()) };
    let (x, other) = (wide(&x)?, wide(&other)?);
    let allowed = add(&mul(&abs(&other)?, &invoke::number(rtol)?)?, &invoke::number(atol)?)?;
    let error = abs(&sub(&x, &other)?)?;
    logical_or(&out, &logical_and(&isfinite(&error)?, &le(&error, &allowed)?)?)
}

const ARGS: &[Arg] = &[
    Arg::tensor("input"),
    Arg::tensor("other"),
    Arg::optional("rtol", Kind::Float, Default::Float(1e-5)),
    Arg::optional("atol", Kind::Float, Default::Float(1e-8)),
    Arg::optional("equal_nan", Kind::Bool, Default::Bool(false)),
];

static ISCLOSE: OpDef = OpDef {
    name: "isclose",
    doc: "Returns where `|input − other| ≤ atol + rtol · |other|`.\n\n\
          Equal infinities are close; NaN is close to NaN with `equal_nan` only. Shapes broadcast, dtypes must be equal. \
          Source: PyTorch, `torch.isclose`.",
    args: ARGS,
    class: Class::Composite,
    body: Body::Composite(|inputs, attrs| Ok(smallvec![close(inputs, attrs)?])),
    vjp: Vjp::None("returns bools"),
    samples: samples::binary,
    errors: || {
        let args = vec![SampleTensor::new(&[2]).into(), SampleTensor::ints(&[2], 0, 3).into()];
        vec![fails(Sample::new("two dtypes", args), Code::DType, "float64 and int64")]
    },
    ..OpDef::BASE
}.shipped();

static ALLCLOSE: OpDef = OpDef {
    name: "_allclose",
    part_of: "allclose",
    doc: "Whether `isclose` holds everywhere, as a 0-dim tensor.",
    surface: &[Api::Function],
    body: Body::Composite(|inputs, attrs| Ok(smallvec![all(&close(inputs, attrs)?)?])),
    errors: Vec::new,
    ..ISCLOSE
}
.shipped();

static EQUAL: OpDef = OpDef {
    name: "_equal",
    part_of: "equal",
    doc: "Whether two tensors have the same shape and elements, as a 0-dim tensor.",
    args: &[Arg::tensor("input"), Arg::tensor("other")],
    surface: &[Api::Function],
    body: Body::Composite(|inputs, _| {
        let [Some(x), Some(other)] = *inputs else { return Err(Error::usage("expected two tensors")) };
        if x.dtype() != other.dtype() {
            return Err(Error::dtype(format!(
                "expected tensors of one dtype, got {} and {}; cast with to()",
                x.dtype().name(),
                other.dtype().name()
            )));
        }
        if x.shape() != other.shape() {
            return Ok(smallvec![crate::create::zeros::zeros(&[], DType::Bool)?]);
        }
        Ok(smallvec![all(&eq(&x.detach(), &other.detach())?)?])
    }),
    samples: samples::binary,
    errors: Vec::new,
    ..ISCLOSE
}
.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&ALLCLOSE, &EQUAL, &ISCLOSE];
