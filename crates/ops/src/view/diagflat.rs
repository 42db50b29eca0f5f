//! Elements on the diagonal of a matrix.

use super::diagonal::on_diagonal;
use super::reshape::reshape;
use crate::shared::checks::only;
use crate::shared::view::samples::{call, int};
use adjoint_autograd::{Arg, Attrs, Body, Default, Kind, OpDef, Outputs, Tensor};
use adjoint_tensor::Result;
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (x, offset) = (only(inputs)?, attrs.opt_int(0).unwrap_or(0));
    let n = adjoint_tensor::array::checked_size((x.numel() as i64).saturating_add(offset.saturating_abs()))?;
    Ok(smallvec![on_diagonal(&reshape(x, &[x.numel()])?, &[n, n], offset, 0, 1)?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "diagflat",
    doc: "Returns a matrix of zeros with the elements of `input`, in row-major order, on its diagonal.\n\n\
          `offset` counts diagonals above the main one, or below it where negative. Source: PyTorch, `torch.diagflat`.",
    args: &[Arg::tensor("input"), Arg::optional("offset", Kind::Int, Default::Int(0))],
    body: Body::Composite(body),
    samples: || {
        vec![call("a matrix", &[2, 2], []), call("below", &[3], [int(-1)]), call("a 0-dim tensor", &[], [int(2)])]
    },
    ..OpDef::COMPOSITE
}
.shipped();
