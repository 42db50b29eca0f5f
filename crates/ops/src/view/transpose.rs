//! Two dims exchanged.

use crate::invoke;
use crate::shared::view::copies::{copied, copying};
use crate::shared::view::samples::{call, fails, int};
use adjoint_autograd::{Arg, Attrs, Backward, Body, Class, Grads, Jvp, Kind, OpDef, Tensor, Vjp};
use adjoint_tensor::{Code, Layout, Meta, Result};
use smallvec::smallvec;

fn layout(x: &Meta, attrs: &Attrs) -> Result<Layout> {
    let l = x.layout();
    Ok(l.transpose(l.dim(attrs.get_int(0)?)?, l.dim(attrs.get_int(1)?)?))
}

fn vjp(b: &Backward) -> Result<Grads> {
    Ok(smallvec![Some(invoke::with(&DEF, &[Some(b.g())], b.attrs().clone())?)])
}

pub(crate) static DEF: OpDef = OpDef {
    name: "transpose",
    doc: "Returns a view of `input` with dims `dim0` and `dim1` exchanged.\n\n\
          Costs nothing; the result is in general not contiguous. Source: PyTorch, `torch.transpose`.",
    args: &[Arg::tensor("input"), Arg::required("dim0", Kind::Int), Arg::required("dim1", Kind::Int)],
    class: Class::View,
    node: "TransposeBackward0",
    body: Body::View(layout),
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    samples: || {
        vec![
            call("a matrix", &[2, 3], [int(0), int(1)]),
            call("negative dims", &[2, 3, 4], [int(-1), int(0)]),
            call("the same dim", &[2, 3], [int(1), int(1)]),
            call("a 0-dim tensor", &[], [int(0), int(-1)]),
            call("an empty tensor", &[0, 3], [int(0), int(1)]),
        ]
    },
    errors: || vec![fails(call("a dim too large", &[2, 3], [int(0), int(2)]), Code::Index, "dim 2 is out of range")],
    ..OpDef::BASE
}
.shipped();

/// The op, and its copying form.
pub static DEFS: &[&OpDef] = &[&DEF, &COPY];

static COPY: OpDef = copying(
    &DEF,
    "transpose_copy",
    "Returns a copy of what `transpose` gives. Source: PyTorch, `torch.transpose_copy`.",
    |inputs, attrs| copied(&DEF, inputs, attrs),
)
.shipped();

/// `x` with dims `a` and `b` exchanged.
pub fn transpose(x: &Tensor, a: usize, b: usize) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().int(a as i64).int(b as i64))
}
