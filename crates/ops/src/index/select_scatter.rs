//! Index index of dim written.

use crate::shared::view::samples::{fails, int};
use crate::shared::view::written::{sample, written};
use crate::view::select::select;
use adjoint_autograd::{Arg, Attrs, Body, Kind, OpDef, Tensor};
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Code, Error, Result};

fn select_at(x: &Tensor, attrs: &Attrs) -> Result<Tensor> {
    let (dim, index) = (wrap_dim(attrs.get_int(0)?, x.rank())?, attrs.get_int(1)?);
    let n = x.shape().get(dim).copied().unwrap_or(0) as i64;
    if index < -n || index >= n {
        return Err(Error::index(format!("index {index} is out of range for dim {dim} of size {n}")));
    }
    select(x, dim, index.rem_euclid(n) as usize)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "select_scatter",
    doc: "Returns a copy of `input` with `src` written at index `index` of `dim`.\n\n\
          Source: PyTorch, `torch.select_scatter`.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("src"),
        Arg::required("dim", Kind::Int),
        Arg::required("index", Kind::Int),
    ],
    body: Body::Composite(|inputs, attrs| written(inputs, |out| select_at(out, attrs))),
    samples: || {
        vec![
            sample("a row", &[3, 4], &[4], [int(0), int(1)]),
            sample("a negative index", &[2, 3], &[2], [int(-1), int(-1)]),
        ]
    },
    errors: || vec![fails(sample("another shape", &[3, 3], &[2], [int(0), int(1)]), Code::Shape, "equal to the slice")],
    ..OpDef::COMPOSITE
}
.shipped();
