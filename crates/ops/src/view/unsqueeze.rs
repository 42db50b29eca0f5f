//! A new dim of size 1.

use super::reshape;
use crate::invoke;
use crate::shared::view::copies::{copied, copying};
use crate::shared::view::samples::{call, fails, int};
use adjoint_autograd::{Arg, Attrs, Backward, Body, Class, Grads, Jvp, Kind, OpDef, Tensor, Vjp};
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Code, Layout, Meta, Result};
use smallvec::smallvec;

fn layout(x: &Meta, attrs: &Attrs) -> Result<Layout> {
    Ok(x.layout().unsqueeze(wrap_dim(attrs.get_int(0)?, x.rank() + 1)?))
}

fn vjp(b: &Backward) -> Result<Grads> {
    Ok(smallvec![Some(reshape::reshape(b.g(), b.shape(0))?)])
}

pub(crate) static DEF: OpDef = OpDef {
    name: "unsqueeze",
    doc: "Returns a view of `input` with a new dim of size 1 at place `dim`, counted in the result.\n\n\
          Costs nothing. Source: PyTorch, `torch.unsqueeze`.",
    args: &[Arg::tensor("input"), Arg::required("dim", Kind::Int)],
    class: Class::View,
    node: "UnsqueezeBackward0",
    body: Body::View(layout),
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    samples: || {
        vec![
            call("in front", &[2, 3], [int(0)]),
            call("in the middle", &[2, 3], [int(1)]),
            call("at the end", &[2, 3], [int(-1)]),
            call("a 0-dim tensor", &[], [int(0)]),
            call("an empty tensor", &[0, 3], [int(-2)]),
        ]
    },
    errors: || vec![fails(call("a dim too large", &[2], [int(2)]), Code::Index, "dim 2 is out of range")],
    ..OpDef::BASE
}
.shipped();

/// The op, and its copying form.
pub static DEFS: &[&OpDef] = &[&DEF, &COPY];

static COPY: OpDef = copying(
    &DEF,
    "unsqueeze_copy",
    "Returns a copy of what `unsqueeze` gives. Source: PyTorch, `torch.unsqueeze_copy`.",
    |inputs, attrs| copied(&DEF, inputs, attrs),
)
.shipped();

/// `x` with a new dim of size 1 at position `dim`.
pub fn unsqueeze(x: &Tensor, dim: usize) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().int(dim as i64))
}
