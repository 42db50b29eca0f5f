//! Solutions of systems from LU factors, by the older name.

use super::linalg_lu_solve::{lu_solve, tensors};
use crate::shared::linalg::COMPOSITE;
use adjoint_autograd::{Api, Arg, Body, OpDef, Sample, required};
use smallvec::smallvec;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "lu_solve",
    doc: "Returns the solution X of `A X = b` from the factors and pivots of `linalg.luFactor(A)`: `linalg.luSolve` with the \
          right-hand side in front. Source: PyTorch, `torch.lu_solve`.",
    args: &[Arg::tensor("b"), Arg::tensor("LU_data"), Arg::tensor("LU_pivots")],
    surface: &[Api::Function, Api::Method],
    body: Body::Composite(|inputs, _| {
        let (b, factors, pivots) = (required(inputs, 0), required(inputs, 1), required(inputs, 2));
        Ok(smallvec![lu_solve(factors, pivots, b, true, false)?])
    }),
    samples: || {
        let [f, p, b] = tensors(&[2, 2], &[2], &[2, 3]);
        vec![Sample::new("a matrix", vec![b.into(), f.into(), p.into()])]
    },
    ..COMPOSITE
}
.shipped();
