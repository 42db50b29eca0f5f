//! Any view on a storage.

use super::restride;
use crate::invoke;
use crate::shared::view::copies::{copied, copying};
use crate::shared::view::samples::{call, fails, int, ints};
use adjoint_autograd::{
    Arg, Attr, Attrs, Backward, Body, Class, Default, ErrorSample, Grads, Kind, OpDef, Outputs, Sample, Tensor, Vjp,
    required,
};
use adjoint_tensor::array::{checked_shape, held};
use adjoint_tensor::{Code, Error, Layout, Meta, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    let (size, stride) = (attrs.get_ints(0)?, attrs.get_ints(1)?);
    if size.len() != stride.len() {
        return Err(Error::shape(format!(
            "mismatch in length of strides and shape: size {size:?} has {} dims, stride {stride:?} has {}",
            size.len(),
            stride.len()
        )));
    }
    if let Some(s) = stride.iter().find(|&&s| s < 0) {
        return Err(Error::usage(format!("negative strides are not supported, got {s} in {stride:?}")));
    }
    let offset = match attrs.opt_int(2) {
        None => x.array().layout().offset,
        Some(v) => held(v, "storageOffset", || {
            Error::usage(format!("invalid storage offset {v}, storageOffset must not be negative"))
        })?,
    };
    let layout = Layout { shape: checked_shape(size)?, strides: restride::addressable(stride)?, offset };
    Ok(smallvec![view_of(x, &layout)?])
}

fn layout(_: &Meta, attrs: &Attrs) -> Result<Layout> {
    restride::geometry(attrs, 0)
}

fn vjp(b: &Backward) -> Result<Grads> {
    let (view, base) = (restride::geometry(b.attrs(), 0)?, restride::geometry(b.attrs(), 3)?);
    Ok(smallvec![Some(restride::restride(b.g(), &view, &base, restride::Average::Out)?)])
}

fn samples() -> Vec<Sample> {
    vec![
        call("a window", &[3, 3], [ints(&[2, 2]), ints(&[1, 2]), int(1)]),
        call("overlapping rows", &[5], [ints(&[3, 3]), ints(&[1, 1]), Attr::None]),
        call("a broadcast", &[2], [ints(&[3, 2]), ints(&[0, 1]), int(0)]),
        call("a 0-dim tensor", &[4], [ints(&[]), ints(&[]), int(2)]),
        call("an empty tensor", &[4], [ints(&[0, 2]), ints(&[2, 1]), int(0)]),
    ]
}

fn errors() -> Vec<ErrorSample> {
    let f = fails;
    vec![
        f(call("out of bounds", &[4], [ints(&[3]), ints(&[2]), int(0)]), Code::Index, "outside of a storage of 4"),
        f(call("lengths that differ", &[4], [ints(&[2]), ints(&[1, 1]), int(0)]), Code::Shape, "mismatch in length"),
        f(call("a negative stride", &[4], [ints(&[2]), ints(&[-1]), int(3)]), Code::Usage, "negative strides"),
        f(call("a negative offset", &[4], [ints(&[2]), ints(&[1]), int(-1)]), Code::Usage, "invalid storage offset"),
    ]
}

/// The op.
pub(super) static DEF: OpDef = OpDef {
    name: "as_strided",
    doc: "Returns the window on the memory of `input` with the given `size`, `stride` and `storageOffset`, all in elements; the \
          offset is that of `input` where it is left out.\n\n\
          Elements may overlap: then the gradient of an element is the sum over its copies. Fails where the window leaves the \
          memory. Its gradient costs a scratch of the size of the part of the memory that is used. \
          Source: PyTorch, `torch.as_strided`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("size", Kind::Ints),
        Arg::required("stride", Kind::Ints),
        Arg::optional("storage_offset", Kind::Int, Default::None),
    ],
    body: Body::Composite(body),
    samples,
    errors,
    ..OpDef::COMPOSITE
}
.shipped();

/// The view. Its attributes are its own geometry and that of the base, which its derivative needs.
///
/// The forward derivative is the transposed one: a tangent has a geometry of its own.
static VIEW: OpDef = OpDef {
    name: "_as_strided",
    part_of: "as_strided",
    doc: "The window of the storage of `input` with a given geometry; carries the geometry of `input` for the derivative.",
    args: &[
        Arg::tensor("input"),
        Arg::required("size", Kind::Ints),
        Arg::required("stride", Kind::Ints),
        Arg::required("storage_offset", Kind::Int),
        Arg::required("base_size", Kind::Ints),
        Arg::required("base_stride", Kind::Ints),
        Arg::required("base_offset", Kind::Int),
    ],
    class: Class::View,
    surface: &[],
    node: "AsStridedBackward0",
    body: Body::View(layout),
    vjp: Vjp::Fn(vjp),
    ..OpDef::BASE
}
.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&VIEW, &DEF, &COPY];

static COPY: OpDef = copying(
    &DEF,
    "as_strided_copy",
    "Returns a copy of what `asStrided` gives. Source: PyTorch, `torch.as_strided_copy`.",
    |inputs, attrs| copied(&DEF, inputs, attrs),
)
.shipped();

/// The view of the storage of `x` with this layout, whose offset counts from the start of the
/// storage.
pub fn view_of(x: &Tensor, layout: &Layout) -> Result<Tensor> {
    let attrs = restride::push(restride::push(Attrs::new(), layout), x.array().layout());
    invoke::with(&VIEW, &[Some(x)], attrs)
}
