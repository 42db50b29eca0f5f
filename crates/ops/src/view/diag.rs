//! A vector as a diagonal matrix, and the diagonal of a matrix.

use super::diagonal;
use crate::shared::view::samples::{call, fails, int};
use adjoint_autograd::{Arg, Attrs, Body, Default, Kind, OpDef, Outputs, Tensor, required};
use adjoint_tensor::{Code, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    let offset = attrs.opt_int(0).unwrap_or(0);
    Ok(smallvec![match x.rank() {
        1 => {
            let n = diagonal::side(x.numel(), offset)?;
            diagonal::on_diagonal(x, &[n, n], offset, 0, 1)?
        }
        2 => crate::view::clone::clone(&diagonal::diagonal(x, offset, 0, 1)?)?,
        n => return Err(Error::shape(format!("expects a vector or a matrix, got {n} dims, shape {:?}", x.shape()))),
    }])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "diag",
    doc: "Returns the square matrix with the vector `input` on its diagonal, or a copy of the diagonal of the matrix `input`.\n\n\
          `diagonal` counts diagonals above the main one, or below it where negative. Source: PyTorch, `torch.diag`.",
    args: &[Arg::tensor("input"), Arg::optional("diagonal", Kind::Int, Default::Int(0))],
    body: Body::Composite(body),
    samples: || {
        vec![
            call("a vector", &[3], [int(0)]),
            call("a vector, below", &[2], [int(-1)]),
            call("a matrix, above", &[3, 4], [int(1)]),
        ]
    },
    errors: || vec![fails(call("three dims", &[2, 2, 2], [int(0)]), Code::Shape, "a vector or a matrix")],
    ..OpDef::COMPOSITE
}
.shipped();
