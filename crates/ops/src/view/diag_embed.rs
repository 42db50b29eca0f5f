//! Vectors as diagonals of matrices.

use super::diagonal;
use crate::shared::view::samples::{call, fails, int};
use adjoint_autograd::{Arg, Attrs, Body, Default, Kind, OpDef, Outputs, Tensor, required};
use adjoint_tensor::{Code, Dims, Error, Result, dims};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    if x.rank() == 0 {
        return Err(Error::shape("expected a tensor with at least one dim, got a 0-dim tensor"));
    }
    let offset = attrs.opt_int(0).unwrap_or(0);
    let dim = |i, default| dims::wrap_dim(attrs.opt_int(i).unwrap_or(default), x.rank() + 1);
    let (rows, columns) = (dim(1, -2)?, dim(2, -1)?);
    if rows == columns {
        return Err(Error::usage(format!("diagonal dims cannot be identical, got dim {rows} twice")));
    }
    let n = diagonal::side(x.shape()[x.rank() - 1], offset)?;
    let mut size = Dims::from_slice(&x.shape()[..x.rank() - 1]);
    for d in [rows.min(columns), rows.max(columns)] {
        size.insert(d, n);
    }
    Ok(smallvec![diagonal::on_diagonal(x, &size, offset, rows, columns)?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "diag_embed",
    doc: "Returns matrices over dims `dim1` and `dim2` with the last dim of `input` on their diagonals and zeros elsewhere.\n\n\
          `offset` counts diagonals above the main one, or below it where negative. Source: PyTorch, `torch.diag_embed`.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("offset", Kind::Int, Default::Int(0)),
        Arg::optional("dim1", Kind::Int, Default::Int(-2)),
        Arg::optional("dim2", Kind::Int, Default::Int(-1)),
    ],
    body: Body::Composite(body),
    samples: || {
        vec![
            call("a vector", &[3], [int(0)]),
            call("batched, above", &[2, 3], [int(1)]),
            call("below, other dims", &[2, 2], [int(-1), int(2), int(0)]),
        ]
    },
    errors: || vec![fails(call("the same dim", &[2], [int(0), int(0), int(-2)]), Code::Usage, "cannot be identical")],
    ..OpDef::COMPOSITE
}
.shipped();
