//! Every step-th index of start to end of dim written.

use crate::shared::view::samples::{fails, int};
use crate::shared::view::written::{sample, written};
use crate::view::slice::slice;
use adjoint_autograd::{Arg, Attr, Attrs, Body, Default, Kind, OpDef, Tensor};
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Code, Error, Result};

fn slice_at(x: &Tensor, attrs: &Attrs) -> Result<Tensor> {
    let dim = wrap_dim(attrs.opt_int(0).unwrap_or(0), x.rank())?;
    let n = x.shape().get(dim).copied().unwrap_or(0) as i64;
    let step = attrs.opt_int(3).unwrap_or(1);
    if step <= 0 {
        return Err(Error::usage(format!("step must be greater than zero, got {step}")));
    }
    let place = |v: i64| (if v < 0 { v.saturating_add(n) } else { v }).clamp(0, n);
    let start = place(attrs.opt_int(1).unwrap_or(0));
    let end = place(attrs.opt_int(2).unwrap_or(n)).max(start);
    slice(x, dim, start as usize, end as usize, step as usize)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "slice_scatter",
    doc: "Returns a copy of `input` with `src` written at every `step`-th index of `start` to `end` of `dim`.\n\n\
          Source: PyTorch, `torch.slice_scatter`.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("src"),
        Arg::optional("dim", Kind::Int, Default::Int(0)),
        Arg::optional("start", Kind::Int, Default::None),
        Arg::optional("end", Kind::Int, Default::None),
        Arg::optional("step", Kind::Int, Default::Int(1)),
    ],
    body: Body::Composite(|inputs, attrs| written(inputs, |out| slice_at(out, attrs))),
    samples: || {
        vec![
            sample("rows", &[4, 2], &[2, 2], [int(0), int(1), int(3)]),
            sample("a step", &[2, 5], &[2, 3], [int(1), int(0), Attr::None, int(2)]),
        ]
    },
    errors: || vec![fails(sample("another shape", &[3, 3], &[2], [int(0), int(1)]), Code::Shape, "equal to the slice")],
    ..OpDef::COMPOSITE
}
.shipped();
