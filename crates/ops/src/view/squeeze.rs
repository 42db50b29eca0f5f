//! Dims of size 1 taken away.

use super::reshape;
use crate::invoke;
use crate::shared::view::copies::{copied, copying};
use crate::shared::view::samples::{call, fails, int, ints};
use adjoint_autograd::{Arg, Attrs, Backward, Body, Class, Grads, Jvp, Kind, OpDef, Tensor, Vjp};
use adjoint_tensor::dims::wrap_dims;
use adjoint_tensor::{Code, Layout, Meta, Result};
use smallvec::smallvec;

fn without(x: &Meta, goes: impl Fn(usize) -> bool) -> Layout {
    let l = x.layout();
    let kept = || (0..l.rank()).filter(|&d| l.shape[d] != 1 || !goes(d));
    Layout {
        shape: kept().map(|d| l.shape[d]).collect(),
        strides: kept().map(|d| l.strides[d]).collect(),
        offset: l.offset,
    }
}

fn vjp(b: &Backward) -> Result<Grads> {
    Ok(smallvec![Some(reshape::reshape(b.g(), b.shape(0))?)])
}

const DOC: &str = "Returns a view of `input` without its dims of size 1, or only without those given, which stay where their size is \
                   not 1.\n\nCosts nothing. Source: PyTorch, `torch.squeeze`.";

static ALL: OpDef = OpDef {
    name: "squeeze",
    doc: DOC,
    args: &[Arg::tensor("input")],
    class: Class::View,
    node: "SqueezeBackward0",
    body: Body::View(|x, _| Ok(without(x, |_| true))),
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    samples: || {
        vec![
            call("several dims of size 1", &[1, 3, 1, 2], []),
            call("none", &[2, 3], []),
            call("a 0-dim tensor", &[], []),
            call("an empty tensor", &[1, 0], []),
        ]
    },
    ..OpDef::BASE
}
.shipped();

static DIM: OpDef = OpDef {
    name: "squeeze.dim",
    args: &[Arg::tensor("input"), Arg::required("dim", Kind::Int)],
    node: "SqueezeBackward1",
    body: Body::View(|x, attrs| {
        let dim = x.layout().dim(attrs.get_int(0)?)?;
        Ok(without(x, |d| d == dim))
    }),
    samples: || {
        vec![
            call("a dim of size 1", &[2, 1, 3], [int(1)]),
            call("a dim of another size", &[2, 1, 3], [int(-1)]),
            call("a 0-dim tensor", &[], [int(-1)]),
        ]
    },
    errors: || vec![fails(call("a dim too large", &[2, 1], [int(2)]), Code::Index, "dim 2 is out of range")],
    ..ALL
}
.shipped();

static DIMS: OpDef = OpDef {
    name: "squeeze.dims",
    args: &[Arg::tensor("input"), Arg::required("dim", Kind::Ints)],
    node: "SqueezeBackward2",
    body: Body::View(|x, attrs| {
        let dims = wrap_dims(attrs.get_ints(0)?, x.rank())?;
        Ok(without(x, |d| dims.contains(&d)))
    }),
    samples: || {
        vec![
            call("some dims", &[1, 1, 3, 1], [ints(&[0, -1])]),
            call("a dim of another size among them", &[2, 1, 3], [ints(&[0, 1])]),
            call("no dims", &[2, 1], [ints(&[])]),
        ]
    },
    errors: || vec![fails(call("a dim twice", &[1, 1], [ints(&[0, -2])]), Code::Usage, "more than once")],
    ..ALL
}
.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&ALL, &DIM, &DIMS, &COPY, &COPY_DIM, &COPY_DIMS];

static COPY: OpDef = copying(
    &ALL,
    "squeeze_copy",
    "Returns a copy of what `squeeze` gives. Source: PyTorch, `torch.squeeze_copy`.",
    |inputs, attrs| copied(&ALL, inputs, attrs),
)
.shipped();

static COPY_DIM: OpDef = copying(
    &DIM,
    "squeeze_copy.dim",
    "Returns a copy of what `squeeze` gives. Source: PyTorch, `torch.squeeze_copy`.",
    |inputs, attrs| copied(&DIM, inputs, attrs),
)
.shipped();

static COPY_DIMS: OpDef = copying(
    &DIMS,
    "squeeze_copy.dims",
    "Returns a copy of what `squeeze` gives. Source: PyTorch, `torch.squeeze_copy`.",
    |inputs, attrs| copied(&DIMS, inputs, attrs),
)
.shipped();

/// `x` without dim `dim`, where its size is 1.
pub fn squeeze(x: &Tensor, dim: usize) -> Result<Tensor> {
    invoke::with(&DIM, &[Some(x)], Attrs::new().int(dim as i64))
}
