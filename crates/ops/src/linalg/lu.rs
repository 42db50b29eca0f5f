//! LU factors, by the older name.

use super::lu_factor_ex::{errors, lu_factor_ex};
use crate::shared::linalg::COMPOSITE;
use crate::shared::view::samples::call;
use adjoint_autograd::{Api, Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Tensor, required};
use adjoint_tensor::Result;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let with_infos = attrs.get_bool(1);
    let pivot = Attrs(std::iter::once(attrs.get(0).clone()).collect());
    let all = lu_factor_ex(required(inputs, 0), &pivot.bool(!with_infos))?;
    Ok(all.into_iter().take(if with_infos { 3 } else { 2 }).collect())
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "lu",
    doc: "Returns a list of the LU factors of matrices `A` in one tensor and the pivots; with `get_infos` also `info`, as \
          `linalg.luFactorEx`. Without it a zero among the pivots is an error. Source: PyTorch, `torch.lu`.",
    args: &[
        Arg::tensor("A"),
        Arg::optional("pivot", Kind::Bool, Default::Bool(true)),
        Arg::optional("get_infos", Kind::Bool, Default::Bool(false)),
    ],
    outputs: &[],
    surface: &[Api::Function, Api::Method],
    body: Body::Composite(body),
    samples: || {
        vec![
            call("tall", &[4, 2], []),
            call("with infos, a wide batch", &[2, 2, 3], [Attr::Bool(true), Attr::Bool(true)]),
        ]
    },
    errors,
    ..COMPOSITE
}
.shipped();
