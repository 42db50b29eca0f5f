//! `A = P L U`.

use super::lu_factor_ex::{errors, lu_factor_ex, samples};
use super::lu_unpack::lu_unpack;
use crate::shared::linalg::COMPOSITE;
use adjoint_autograd::{Arg, Body, Default, Kind, OpDef, required};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "linalg_lu",
    doc: "Returns the factors of matrices `A = P L U`: a permutation, a lower triangle with ones on the diagonal, an upper one.\n\n\
          **Shapes**: `A` is `[*, m, n]`, P `[*, m, m]`, L `[*, m, min(m, n)]`, U `[*, min(m, n), n]`. A singular matrix has zeros on \
          the diagonal of U, and no derivative. `linalg.luFactor` keeps them in one tensor, which is what solving wants. Source: \
          PyTorch, `torch.linalg.lu`.",
    args: &[Arg::tensor("A"), Arg::optional("pivot", Kind::Bool, Default::Bool(true))],
    outputs: &["P", "L", "U"],
    body: Body::Composite(|inputs, attrs| {
        let all = lu_factor_ex(required(inputs, 0), attrs)?;
        lu_unpack(&all[0], &all[1])
    }),
    samples,
    errors,
    ..COMPOSITE
}
.shipped();
