//! The k-th smallest element.

use super::sort::sort;
use crate::index::gather::gather;
use crate::shared::dims::{not_empty, one_of};
use crate::shared::reduce::samples::call;
use crate::shared::view::samples::{fails, int};
use crate::view::{select::select, squeeze::squeeze, unsqueeze::unsqueeze};
use adjoint_autograd::{Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Tensor, required};
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Array, Code, DType, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (x, k) = (required(inputs, 0), attrs.get_int(0)?);
    let dim = wrap_dim(attrs.opt_int(1).unwrap_or(-1), x.rank())?;
    not_empty(x.shape(), &one_of(dim, x.rank()), true)?;
    let n = x.shape().get(dim).copied().unwrap_or(1);
    if k < 1 || k > n as i64 {
        return Err(Error::usage(format!("selected number k out of range for dimension {dim} of size {n}, got {k}")));
    }
    if x.rank() == 0 {
        return Ok(smallvec![x.clone(), Tensor::from_array(Array::zeros(&[], DType::Int64)?)]);
    }
    let (_, order) = sort(&x.detach(), dim as i64, false)?;
    let index = select(&order, dim, k as usize - 1)?;
    let lifted = unsqueeze(&index, dim)?;
    let values = gather(x, dim, &lifted)?;
    Ok(if attrs.get_bool(2) { smallvec![values, lifted] } else { smallvec![squeeze(&values, dim)?, index] })
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "kthvalue",
    doc: "Returns the `k`-th smallest element of `input` along `dim`, counted from 1, and where it is.\n\n\
          NaN is greater than everything. The gradient goes to that element. Costs a sort. \
          Source: PyTorch, `torch.kthvalue`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("k", Kind::Int),
        Arg::optional("dim", Kind::Int, Default::Int(-1)),
        Arg::optional("keepdim", Kind::Bool, Default::Bool(false)),
    ],
    outputs: &["values", "indices"],
    body: Body::Composite(body),
    samples: || {
        vec![
            call("a vector", &[5], [int(2)]),
            call("the first dim, kept", &[3, 4], [int(3), int(0), Attr::Bool(true)]),
            call("a 0-dim tensor", &[], [int(1)]),
        ]
    },
    errors: || vec![fails(call("too many", &[2, 2], [int(3)]), Code::Usage, "out of range for dimension 1")],
    ..OpDef::COMPOSITE
}
.shipped();
