//! The variance of the elements that a mask holds.

use crate::elementwise::{clamp_min::clamp_min, div::div, square::square, sub::sub, to::to};
use crate::invoke::number;
use crate::reduce::sum::sum_dims;
use crate::shared::masked::{DIMS, DTYPE, Identity, KEEPDIM, MASK, Masked, REDUCTION, filled, one, sample};
use crate::shared::view::samples::fails;
use adjoint_autograd::{Arg, Attr, Attrs, Body, Default, Kind, OpDef, Tensor};
use adjoint_tensor::promotion::to_float;
use adjoint_tensor::{Code, Error, Result, Scalar};

const ARGS: &[Arg] = &[
    Arg::tensor("input"),
    DIMS,
    Arg::optional("unbiased", Kind::Bool, Default::None),
    Arg::optional("correction", Kind::Float, Default::None),
    KEEPDIM,
    DTYPE,
    MASK,
];

/// The variance over dims.
fn variance(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Tensor> {
    let m = Masked::of(inputs, attrs, 0)?;
    let keepdim = attrs.get_bool(3);
    let correction = match (attrs.get(1), attrs.opt_float(2)) {
        (Attr::Bool(_), Some(_)) => return Err(Error::usage("only one of unbiased and correction may be given")),
        (Attr::Bool(unbiased), None) => f64::from(u8::from(*unbiased)),
        (_, correction) => correction.unwrap_or(1.0),
    };
    let x = to(&m.x, to_float(m.x.dtype()))?;
    let count = to(&m.count(true)?, x.dtype())?;
    let mean = div(&sum_dims(&filled(&x, m.mask, Identity::Zero)?, &m.dims, true)?, &count)?;
    let squares = filled(&square(&sub(&x, &mean)?)?, m.mask, Identity::Zero)?;
    let total = sum_dims(&squares, &m.dims, keepdim)?;
    let divisor = clamp_min(&sub(&to(&m.count(keepdim)?, x.dtype())?, &number(correction)?)?, Scalar::Int(0))?;
    div(&total, &divisor)
}

/// What both have.
const COMMON: OpDef = OpDef {
    args: ARGS,
    samples: || {
        let s = |label, unbiased, dims: &[i64], mask| {
            let mut s = sample(label, &[], dims, mask);
            s.args.insert(2, Attr::Bool(unbiased).into());
            s.args.insert(3, Attr::None.into());
            s
        };
        vec![s("rows", true, &[1], true), s("all", false, &[], false)]
    },
    errors: || {
        let mut both = sample("both", &[], &[1], false);
        both.args.insert(2, Attr::Bool(true).into());
        both.args.insert(3, Attr::Float(2.0).into());
        vec![fails(both, Code::Usage, "only one of")]
    },
    ..REDUCTION
};

/// The ops.
pub static DEFS: &[&OpDef] = &[&STD, &VAR];

static VAR: OpDef = OpDef {
    name: "masked_var",
    doc: "Returns the variance of the elements of `input` where `mask` holds, of all or over `dim`.\n\n\
          The divisor is how many count less `correction`, which is 1 and with `unbiased: false` 0. `mask` broadcasts to \
          `input`; without one all count. Source: PyTorch, `torch.masked.var`.",
    body: Body::Composite(|inputs, attrs| one(variance(inputs, attrs)?)),
    ..COMMON
}
.shipped();

static STD: OpDef = OpDef {
    name: "masked_std",
    doc: "Returns the standard deviation of the elements of `input` where `mask` holds, of all or over `dim`: the root of \
          `masked.var`.\n\nSource: PyTorch, `torch.masked.std`.",
    body: Body::Composite(|inputs, attrs| one(crate::elementwise::sqrt::sqrt(&variance(inputs, attrs)?)?)),
    ..COMMON
}
.shipped();
