//! The norm over all dims but one.

use super::vector_norm::vector_norm;
use crate::shared::view::samples::{call, fails, int};
use adjoint_autograd::{Api, Arg, Attrs, Body, Default, Kind, OpDef, Outputs, Tensor, required};
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Code, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let v = required(inputs, 0);
    let (power, dim) = (attrs.opt_int(0).unwrap_or(2) as f64, attrs.opt_int(1).unwrap_or(0));
    if dim == -1 {
        return Ok(smallvec![vector_norm(v, power, &[], false, None)?]);
    }
    let kept = wrap_dim(dim, v.rank())?;
    let others: Vec<usize> = (0..v.rank()).filter(|&d| d != kept).collect();
    if others.is_empty() {
        // Numbers of their own: no dims would stand for all of them.
        return Ok(smallvec![crate::elementwise::abs::abs(v)?]);
    }
    Ok(smallvec![vector_norm(v, power, &others, true, None)?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "norm_except_dim",
    doc: "Returns the norm of order `pow` of `v` over all dims but `dim`, which stay with size 1; over all of them, as a 0-dim tensor, \
          for −1.\n\nOther negative dims count from the end. Floats only. Source: PyTorch, `torch.norm_except_dim`, which weight \
          normalization divides by.",
    args: &[
        Arg::tensor("v"),
        Arg::optional("pow", Kind::Int, Default::Int(2)),
        Arg::optional("dim", Kind::Int, Default::Int(0)),
    ],
    surface: &[Api::Function],
    body: Body::Composite(body),
    samples: || {
        vec![
            call("rows", &[2, 3], []),
            call("a middle dim, order 1", &[2, 3, 2], [int(1), int(1)]),
            call("all", &[2, 3], [int(2), int(-1)]),
        ]
    },
    errors: || vec![fails(call("a dim too large", &[2, 3], [int(2), int(5)]), Code::Index, "out of range")],
    ..OpDef::COMPOSITE
}
.shipped();
