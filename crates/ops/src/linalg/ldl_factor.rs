//! LDL factors of symmetric matrices.

use super::ldl_factor_ex::{checked, errors, samples};
use crate::shared::linalg::COMPOSITE;
use adjoint_autograd::{Arg, Body, Default, Kind, OpDef, Vjp, required};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "ldl_factor",
    doc: "Returns the LDL factors of symmetric matrices and the pivots: `linalg.ldlFactorEx` with an error where a block of D is zero. Source: \
          PyTorch, `torch.linalg.ldl_factor`.",
    args: &[Arg::tensor("A"), Arg::optional("hermitian", Kind::Bool, Default::Bool(false))],
    outputs: &["LD", "pivots"],
    body: Body::Composite(|inputs, _| Ok(checked(required(inputs, 0))?.into_iter().take(2).collect())),
    vjp: Vjp::None("not implemented in PyTorch"),
    samples,
    errors,
    ..COMPOSITE
}
.shipped();
