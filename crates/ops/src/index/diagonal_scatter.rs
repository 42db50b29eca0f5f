//! The diagonals over dims dim1 and dim2 written.

use crate::shared::view::samples::{fails, int};
use crate::shared::view::written::{sample, written};
use crate::view::diagonal::diagonal;
use adjoint_autograd::{Arg, Attrs, Body, Default, Kind, OpDef, Tensor};
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Code, Result};

fn diagonal_of(x: &Tensor, attrs: &Attrs) -> Result<Tensor> {
    let dim = |at: usize, usual: i64| wrap_dim(attrs.opt_int(at).unwrap_or(usual), x.rank());
    diagonal(x, attrs.opt_int(0).unwrap_or(0), dim(1, 0)?, dim(2, 1)?)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "diagonal_scatter",
    doc: "Returns a copy of `input` with `src` written at the diagonals over dims `dim1` and `dim2`.\n\n\
          Source: PyTorch, `torch.diagonal_scatter`.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("src"),
        Arg::optional("offset", Kind::Int, Default::Int(0)),
        Arg::optional("dim1", Kind::Int, Default::Int(0)),
        Arg::optional("dim2", Kind::Int, Default::Int(1)),
    ],
    body: Body::Composite(|inputs, attrs| written(inputs, |out| diagonal_of(out, attrs))),
    samples: || {
        vec![
            sample("the main diagonal", &[3, 4], &[3], []),
            sample("below, other dims", &[2, 3, 3], &[2, 2], [int(-1), int(1), int(2)]),
        ]
    },
    errors: || vec![fails(sample("another shape", &[3, 3], &[2], [int(0)]), Code::Shape, "equal to the slice")],
    ..OpDef::COMPOSITE
}
.shipped();
