//! Another shape for the same memory.

use super::reshape;
use crate::invoke;
use crate::shared::view::copies::{copied, copying};
use crate::shared::view::infer;
use crate::shared::view::samples::{call, fails, ints};
use adjoint_autograd::{
    Api, Arg, Attrs, Backward, Body, Class, ErrorSample, Grads, Jvp, Kind, OpDef, Outputs, Sample, Tangents, Tensor,
    Vjp,
};
use adjoint_tensor::{Code, Error, Layout, Meta, Result};
use smallvec::smallvec;

fn layout(x: &Meta, attrs: &Attrs) -> Result<Layout> {
    let shape = infer::shape(attrs.get_ints(0)?, x.numel())?;
    x.layout().view(&shape).ok_or_else(|| {
        Error::shape(format!(
            "shape {:?} is not compatible with the input's shape {:?} and strides {:?}: a dim would span two \
             non-contiguous ones; use reshape()",
            shape.as_slice(),
            x.shape(),
            x.strides()
        ))
    })
}

pub(super) fn vjp(b: &Backward) -> Result<Grads> {
    Ok(smallvec![Some(reshape::reshape(b.g(), b.shape(0))?)])
}

// A tangent need not have the strides that let the primal be viewed.
fn jvp(t: &Tangents) -> Result<Outputs> {
    let tangent = t.tangents[0].as_ref().expect("forward mode runs where an input has a tangent");
    Ok(smallvec![reshape::reshape(tangent, t.outputs[0].shape())?])
}

pub(super) fn samples() -> Vec<Sample> {
    vec![
        call("a matrix as a vector", &[2, 3], [ints(&[6])]),
        call("-1 is worked out", &[2, 6], [ints(&[3, -1])]),
        call("more dims", &[6], [ints(&[1, 2, 3, 1])]),
        call("a 0-dim tensor", &[], [ints(&[1, 1])]),
        call("to a 0-dim tensor", &[1], [ints(&[])]),
        call("an empty tensor", &[0, 3], [ints(&[3, 0, 2])]),
    ]
}

pub(super) fn errors() -> Vec<ErrorSample> {
    let shape = |sample, message| fails(sample, Code::Shape, message);
    vec![
        shape(call("another number of elements", &[2, 3], [ints(&[4])]), "shape [4] is invalid for input of size 6"),
        shape(call("two sizes open", &[4], [ints(&[-1, -1])]), "only one size can be inferred"),
        shape(call("a negative size", &[4], [ints(&[-2, 2])]), "invalid shape dimension -2"),
        shape(call("an ambiguous size", &[0], [ints(&[0, -1])]), "could be anything"),
    ]
}

pub(crate) static DEF: OpDef = OpDef {
    name: "view",
    doc: "Returns the elements of `input`, in row-major order, under another shape, sharing memory.\n\n\
          One size may be -1 and is worked out. Fails where the sizes do not multiply to the number of elements, and where the \
          strides do not allow it without a copy, which `reshape` would make. Costs nothing. Source: PyTorch, `Tensor.view`.",
    args: &[Arg::tensor("input"), Arg::required("size", Kind::IntsSpread)],
    class: Class::View,
    surface: &[Api::Method],
    node: "ViewBackward0",
    body: Body::View(layout),
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Fn(jvp),
    samples,
    errors,
    ..OpDef::BASE
}
.shipped();

/// The op, and its copying form.
pub static DEFS: &[&OpDef] = &[&DEF, &COPY];

static COPY: OpDef = copying(
    &DEF,
    "view_copy",
    "Returns a copy of what `view` gives. Source: PyTorch, `torch.view_copy`.",
    |inputs, attrs| copied(&DEF, inputs, attrs),
)
.shipped();

/// `x` under another shape, sharing memory.
pub fn view(x: &Tensor, shape: &[usize]) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().shape(shape))
}
