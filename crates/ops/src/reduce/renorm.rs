//! Slices made no longer than they may be.

use super::vector_norm::vector_norm;
use crate::elementwise::{add::add, div::div, gt::gt, mul::mul, where_::where_};
use crate::invoke::number;
use crate::shared::checks::only;
use crate::shared::view::samples::{call, fails, int};
use adjoint_autograd::{Arg, Attr, Attrs, Body, Kind, OpDef, Outputs, Tensor};
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Code, Dims, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (x, p, most) = (only(inputs)?, attrs.get_float(0)?, attrs.get_float(2)?);
    if x.rank() < 2 {
        return Err(Error::shape(format!("input needs at least 2 dimensions, got shape {:?}", x.shape())));
    }
    if p <= 0.0 || most < 0.0 {
        return Err(Error::usage(format!("expected a positive p and a maxnorm of at least 0, got {p} and {most}")));
    }
    let dim = wrap_dim(attrs.get_int(1)?, x.rank())?;
    let others: Dims = (0..x.rank()).filter(|&d| d != dim).collect();
    let norm = vector_norm(x, p, &others, true, None)?;
    // PyTorch's 1e−7, which keeps the result within the bound.
    let shorter = div(&number(most)?, &add(&norm, &number(1e-7)?)?)?;
    let factor = where_(&gt(&norm, &number(most)?)?, &shorter, &number(1.0)?)?;
    Ok(smallvec![mul(x, &factor)?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "renorm",
    doc: "Returns `input` with the slices along `dim` whose `p`-norm is above `maxnorm` made as long as that.\n\n\
          They are divided by their norm plus 1e−7. Source: PyTorch, `torch.renorm`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("p", Kind::Factor),
        Arg::required("dim", Kind::Int),
        Arg::required("maxnorm", Kind::Factor),
    ],
    in_place: true,
    body: Body::Composite(body),
    samples: || {
        vec![
            call("rows", &[3, 4], [Attr::Float(2.0), int(0), Attr::Float(1.5)]),
            call("columns, of a cube", &[2, 3, 2], [Attr::Float(1.0), int(1), Attr::Float(100.0)]),
        ]
    },
    errors: || vec![fails(call("a vector", &[3], [int(2), int(0), int(1)]), Code::Shape, "at least 2 dimensions")],
    ..OpDef::COMPOSITE
}
.shipped();
