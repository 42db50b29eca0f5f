//! The length of the elements that a mask holds.

use crate::elementwise::{div::div, maximum::maximum};
use crate::invoke::number;
use crate::reduce::vector_norm::vector_norm;
use crate::shared::masked::{DIMS, DTYPE, Identity, KEEPDIM, MASK, Masked, REDUCTION, one, sample};
use adjoint_autograd::{Arg, Attr, Body, Default, Kind, OpDef, Sample, Tensor};
use adjoint_tensor::Result;
use adjoint_tensor::dims::wrap_dim;

/// Their norm over dims.
fn norm(m: &Masked, p: f64, dims: &[usize], keepdim: bool) -> Result<Tensor> {
    let identity = if p == f64::NEG_INFINITY { Identity::Greatest } else { Identity::Zero };
    vector_norm(&m.filled(identity)?, p, dims, keepdim, None)
}

/// The ops.
pub static DEFS: &[&OpDef] = &[&NORM, &NORMALIZE];

static NORM: OpDef = OpDef {
    name: "masked_norm",
    doc: "Returns the `ord`-norm of the elements of `input` where `mask` holds, of all or over `dim`.\n\n\
          `mask` broadcasts to `input`; without one all count. `dtype` casts first. Source: PyTorch, `torch.masked.norm`.",
    args: &[Arg::tensor("input"), Arg::optional("ord", Kind::Float, Default::Float(2.0)), DIMS, KEEPDIM, DTYPE, MASK],
    body: Body::Composite(|inputs, attrs| {
        let m = Masked::of(inputs, attrs, 1)?;
        one(norm(&m, attrs.opt_float(0).unwrap_or(2.0), &m.dims, m.keepdim)?)
    }),
    samples: || vec![sample("rows", &[Attr::Float(2.0)], &[1], true), sample("all", &[Attr::Float(3.0)], &[], false)],
    ..REDUCTION
}
.shipped();

static NORMALIZE: OpDef = OpDef {
    name: "masked_normalize",
    doc: "Returns `input` divided by the `ord`-norm along `dim` of its elements where `mask` holds, and 0 elsewhere.\n\n\
          A norm below `eps` counts as that. Source: PyTorch, `torch.masked.normalize`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("ord", Kind::Float),
        Arg::required("dim", Kind::Int),
        Arg::optional("eps", Kind::Float, Default::Float(1e-12)),
        DTYPE,
        MASK,
    ],
    body: Body::Composite(|inputs, attrs| {
        let m = Masked::of(inputs, attrs, 1)?;
        let dim = wrap_dim(attrs.get_int(1)?, m.x.rank())?;
        let length = norm(&m, attrs.get_float(0)?, &[dim][..m.x.rank().min(1)], true)?;
        one(div(&m.filled(Identity::Zero)?, &maximum(&length, &number(attrs.opt_float(2).unwrap_or(1e-12))?)?)?)
    }),
    samples: || {
        let mut rows: Sample = sample("rows", &[Attr::Float(2.0)], &[], false);
        rows.args.truncate(2);
        rows.args.push(Attr::Int(1).into());
        vec![rows]
    },
    ..REDUCTION
}
.shipped();
