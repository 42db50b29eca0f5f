//! One dim as several.

use super::view;
use crate::shared::view::infer;
use crate::shared::view::samples::{call, fails, int, ints};
use adjoint_autograd::{Api, Arg, Attrs, Body, Kind, OpDef, Outputs, Tensor, required};
use adjoint_tensor::{Code, Dims, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    let sizes = attrs.get_ints(1)?;
    if sizes.is_empty() {
        return Err(Error::usage("sizes must be non-empty"));
    }
    let dim = x.array().layout().dim(attrs.get_int(0)?)?;
    let n = x.shape().get(dim).copied().unwrap_or(1);
    let parts = infer::shape(sizes, n).map_err(|_| {
        Error::shape(format!(
            "provided sizes {sizes:?} don't multiply up to the size of dim {dim} ({n}) of {:?}",
            x.shape()
        ))
    })?;
    let mut shape = Dims::from_slice(&x.shape()[..dim]);
    shape.extend_from_slice(&parts);
    shape.extend_from_slice(x.shape().get(dim + 1..).unwrap_or_default());
    Ok(smallvec![view::view(x, &shape)?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "unflatten",
    doc: "Returns a view of `input` with `dim` as several dims of the given `sizes`, of which one may be -1.\n\n\
          Source: PyTorch, `torch.unflatten`.",
    args: &[Arg::tensor("input"), Arg::required("dim", Kind::Int), Arg::required("sizes", Kind::Ints)],
    surface: &[Api::Function, Api::Method],
    body: Body::Composite(body),
    samples: || {
        vec![
            call("the last dim", &[2, 6], [int(-1), ints(&[2, 3])]),
            call("an open size", &[6, 2], [int(0), ints(&[3, -1, 1])]),
        ]
    },
    errors: || {
        vec![
            fails(call("another product", &[6], [int(0), ints(&[2, 2])]), Code::Shape, "don't multiply up"),
            fails(call("no sizes", &[6], [int(0), ints(&[])]), Code::Usage, "must be non-empty"),
        ]
    },
    ..OpDef::COMPOSITE
}
.shipped();
