//! The square root of the sum of squares, by the older name.

use super::vector_norm::vector_norm;
use crate::shared::dims::dims_or_all;
use crate::shared::view::samples::{call, fails, ints};
use adjoint_autograd::{Api, Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Tensor, required};
use adjoint_tensor::{Code, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    let given = attrs.get_ints(0)?;
    if given.len() > 2 {
        return Err(Error::usage(format!("expected at most two dims, got {given:?}")));
    }
    Ok(smallvec![vector_norm(x, 2.0, &dims_or_all(attrs, 0, x.rank())?, attrs.get_bool(1), None)?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "frobenius_norm",
    doc: "Returns the square root of the sum of squares over one dim or two, or over all for an empty list: `linalg.vectorNorm`.\n\n\
          Floats only. Source: PyTorch, `torch.frobenius_norm`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("dim", Kind::Ints),
        Arg::optional("keepdim", Kind::Bool, Default::Bool(false)),
    ],
    surface: &[Api::Function],
    body: Body::Composite(body),
    samples: || {
        vec![
            call("matrices", &[2, 3, 2], [ints(&[0, 2])]),
            call("vectors", &[2, 3], [ints(&[1]), Attr::Bool(true)]),
            call("all", &[2, 3], [ints(&[])]),
        ]
    },
    errors: || vec![fails(call("three dims", &[2, 2, 2], [ints(&[0, 1, 2])]), Code::Usage, "at most two dims")],
    ..OpDef::COMPOSITE
}
.shipped();
