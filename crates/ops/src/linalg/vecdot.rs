//! Inner products along a dim.

use crate::elementwise::mul::mul;
use crate::reduce::sum::sum_dims;
use crate::shared::linalg::COMPOSITE;
use crate::shared::view::samples::{fails, int, tensors};
use adjoint_autograd::{Arg, Body, Default, Kind, OpDef, Sample, required};
use adjoint_tensor::dims::{broadcast, wrap_dim};
use adjoint_tensor::{Code, Error};
use smallvec::smallvec;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "vecdot",
    doc: "Returns the inner products of vectors along `dim`, `Σ x y`.\n\n\
          **Shapes**: both broadcast, and `dim` of the result of that disappears. Dtypes must be equal. Source: PyTorch, \
          `torch.linalg.vecdot`.",
    args: &[Arg::tensor("x"), Arg::tensor("y"), Arg::optional("dim", Kind::Int, Default::Int(-1))],
    body: Body::Composite(|inputs, attrs| {
        let (x, y) = (required(inputs, 0), required(inputs, 1));
        crate::shared::checks::same_dtype("y", y.dtype(), x.dtype())?;
        let rank = broadcast(x.shape(), y.shape())?.len();
        if rank == 0 {
            return Err(Error::shape("expected vectors, got 0-dim tensors; multiply them"));
        }
        let dim = wrap_dim(attrs.opt_int(0).unwrap_or(-1), rank)?;
        Ok(smallvec![sum_dims(&mul(x, y)?, &[dim], false)?])
    }),
    samples: || {
        let first = tensors("a first dim", &[&[3, 2], &[3, 1]]).args;
        vec![
            tensors("vectors", &[&[3], &[3]]),
            Sample::new("a first dim", first.into_iter().chain([int(0).into()]).collect()),
        ]
    },
    errors: || vec![fails(tensors("other sizes", &[&[2], &[3]]), Code::Shape, "broadcast")],
    ..COMPOSITE
}
.shipped();
