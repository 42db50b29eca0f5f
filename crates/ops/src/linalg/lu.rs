//! LU factors, by the older name.

use super::lu_factor_ex::{errors, lu_factor_ex, samples};
use crate::shared::linalg::COMPOSITE;
use crate::shared::view::samples::call;
use adjoint_autograd::{Api, Arg, Attr, Attrs, Body, Default, Kind, OpDef, required};

const PIVOT: Arg = Arg::optional("pivot", Kind::Bool, Default::Bool(true));

/// The pivot argument alone.
fn pivot(attrs: &Attrs) -> Attrs {
    Attrs(std::iter::once(attrs.get(0).clone()).collect())
}

/// The ops: without and with `info`.
pub static DEFS: &[&OpDef] = &[&PLAIN, &INFOS];

static PLAIN: OpDef = OpDef {
    name: "lu",
    doc: "Returns the LU factors of matrices `A` in one tensor and the pivots; with `get_infos` also `info`, as `linalg.luFactorEx`. \
          Without it a zero among the pivots is an error. Source: PyTorch, `torch.lu`.",
    args: &[Arg::tensor("A"), PIVOT, Arg::optional("get_infos", Kind::Literal(false), Default::Bool(false))],
    outputs: &["LU", "pivots"],
    surface: &[Api::Function, Api::Method],
    body: Body::Composite(|inputs, attrs| {
        let all = lu_factor_ex(required(inputs, 0), &pivot(attrs).bool(true))?;
        Ok(all.into_iter().take(2).collect())
    }),
    samples,
    errors,
    ..COMPOSITE
}
.shipped();

static INFOS: OpDef = OpDef {
    name: "lu.infos",
    args: &[Arg::tensor("A"), PIVOT, Arg::required("get_infos", Kind::Literal(true))],
    outputs: &["LU", "pivots", "info"],
    body: Body::Composite(|inputs, attrs| lu_factor_ex(required(inputs, 0), &pivot(attrs))),
    samples: || vec![call("a square", &[3, 3], [Attr::Bool(true), Attr::Bool(true)])],
    errors: Vec::new,
    ..PLAIN
}
.shipped();
