//! The diagonals of matrices in the last two dims.

use crate::shared::linalg::COMPOSITE;
use crate::shared::view::samples::{call, fails, int};
use crate::view::diagonal::diagonal;
use adjoint_autograd::{Arg, Body, Default, Kind, OpDef, required};
use adjoint_tensor::Code;
use adjoint_tensor::dims::wrap_dim;
use smallvec::smallvec;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "linalg_diagonal",
    doc: "Returns a view of the diagonals over dims `dim1` and `dim2`, the last two where they are left out: `diagonal` with other \
          defaults. Source: PyTorch, `torch.linalg.diagonal`.",
    args: &[
        Arg::tensor("A"),
        Arg::optional("offset", Kind::Int, Default::Int(0)),
        Arg::optional("dim1", Kind::Int, Default::Int(-2)),
        Arg::optional("dim2", Kind::Int, Default::Int(-1)),
    ],
    body: Body::Composite(|inputs, attrs| {
        let a = required(inputs, 0);
        let dim = |i: usize, default: i64| wrap_dim(attrs.opt_int(i).unwrap_or(default), a.rank());
        Ok(smallvec![diagonal(a, attrs.opt_int(0).unwrap_or(0), dim(1, -2)?, dim(2, -1)?)?])
    }),
    samples: || vec![call("a batch", &[2, 3, 3], []), call("above", &[2, 3], [int(1)])],
    errors: || vec![fails(call("one dim", &[2, 3], [int(0), int(1), int(1)]), Code::Usage, "cannot be identical")],
    ..COMPOSITE
}
.shipped();
