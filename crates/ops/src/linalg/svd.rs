//! The singular value decomposition, by the older name.

use super::linalg_svd::{errors, svd};
use crate::create::zeros::zeros;
use crate::shared::linalg::{COMPOSITE, behind, lead, mt, sizes};
use crate::shared::view::samples::call;
use adjoint_autograd::{Api, Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Tensor, required};
use adjoint_tensor::Result;
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    let no = |i: usize| matches!(attrs.get(i), Attr::Bool(false));
    if no(1) {
        // Zeros in the place of the vectors, as PyTorch returns.
        let [m, n] = sizes("input", x.shape())?;
        let s = super::svdvals::svdvals(x)?;
        let square = |n: usize| zeros(&behind(lead(x.shape()), &[n, n]), x.dtype());
        return Ok(smallvec![square(m)?, s, square(n)?]);
    }
    let mut all = svd(x, no(0))?;
    all[2] = mt(&all[2])?;
    Ok(all)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "svd",
    doc: "Returns U, S and V, `input = U diag(S) Vᵀ`: `linalg.svd` with V for its transpose, reduced unless `some` is false; without \
          `compute_uv` U and V are zeros. Source: PyTorch, `torch.svd`.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("some", Kind::Bool, Default::Bool(true)),
        Arg::optional("compute_uv", Kind::Bool, Default::Bool(true)),
    ],
    outputs: &["U", "S", "V"],
    surface: &[Api::Function, Api::Method],
    body: Body::Composite(body),
    samples: || {
        vec![
            call("no elements", &[2, 0, 3], []),
            call("values", &[2, 3], [Attr::Bool(true), Attr::Bool(false)]),
        ]
    },
    errors,
    ..COMPOSITE
}
.shipped();
