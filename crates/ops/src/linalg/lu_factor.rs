//! LU factors with their pivots.

use super::lu_factor_ex::{errors, lu_factor_ex, samples};
use crate::shared::linalg::COMPOSITE;
use adjoint_autograd::{Arg, Attrs, Body, Default, Kind, OpDef, required};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "lu_factor",
    doc: "Returns the LU factors of matrices `A = P L U` in one tensor, and the pivots.\n\n\
          As `linalg.luFactorEx`, with an error where there is a zero among the pivots. `luUnpack` takes them apart, and \
          `linalg.luSolve` solves with them. Source: PyTorch, `torch.linalg.lu_factor`.",
    args: &[Arg::tensor("A"), Arg::optional("pivot", Kind::Bool, Default::Bool(true))],
    outputs: &["LU", "pivots"],
    body: Body::Composite(|inputs, attrs| {
        let pivot = Attrs(std::iter::once(attrs.get(0).clone()).collect());
        let all = lu_factor_ex(required(inputs, 0), &pivot.bool(true))?;
        Ok(all.into_iter().take(2).collect())
    }),
    samples,
    errors,
    ..COMPOSITE
}
.shipped();
