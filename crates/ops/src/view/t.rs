//! The transposed matrix.

use crate::invoke;
use crate::shared::samples;
use crate::shared::view::copies::{copied, copying};
use crate::shared::view::samples::{call, fails};
use adjoint_autograd::{Arg, Attrs, Backward, Body, Class, Grads, Jvp, OpDef, Tensor, Vjp};
use adjoint_tensor::{Code, Error, Layout, Meta, Result};
use smallvec::smallvec;

fn layout(x: &Meta, _: &Attrs) -> Result<Layout> {
    match x.rank() {
        0 | 1 => Ok(x.layout().clone()),
        2 => Ok(x.layout().transpose(0, 1)),
        n => Err(Error::shape(format!(
            "expects a tensor with at most 2 dims, but it has {n}, shape {:?}; use transpose() or permute()",
            x.shape()
        ))),
    }
}

fn vjp(b: &Backward) -> Result<Grads> {
    Ok(smallvec![Some(t(b.g())?)])
}

pub(crate) static DEF: OpDef = OpDef {
    name: "t",
    doc: "Returns a view of the matrix `input` with its dims exchanged; vectors and 0-dim tensors are returned as they are.\n\n\
          Costs nothing. Source: PyTorch, `torch.t`.",
    args: &[Arg::tensor("input")],
    class: Class::View,
    node: "TBackward0",
    body: Body::View(layout),
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    samples: samples::unary,
    errors: || vec![fails(call("three dims", &[2, 3, 4], []), Code::Shape, "at most 2 dims")],
    ..OpDef::BASE
}
.shipped();

/// The op, and its copying form.
pub static DEFS: &[&OpDef] = &[&DEF, &COPY];

static COPY: OpDef =
    copying(&DEF, "t_copy", "Returns a copy of what `t` gives. Source: PyTorch, `torch.t_copy`.", |inputs, attrs| {
        copied(&DEF, inputs, attrs)
    })
    .shipped();

/// `x` with its two dims exchanged.
pub fn t(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
