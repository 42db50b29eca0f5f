//! Dims of size 1 stretched without a copy.

use crate::invoke;
use crate::reduce::sum_to_size::sum_to_size;
use crate::shared::view::copies::{copied, copying};
use crate::shared::view::samples::{call, fails, ints};
use adjoint_autograd::{
    Api, Arg, Attrs, Backward, Body, Class, ErrorSample, Grads, Jvp, Kind, OpDef, Sample, Tensor, Vjp,
};
use adjoint_tensor::array::held;
use adjoint_tensor::{Code, Dims, Error, Layout, Meta, Result};
use smallvec::smallvec;

/// `sizes` with each -1 replaced by the size that `shape` has there.
pub(super) fn target(shape: &[usize], sizes: &[i64]) -> Result<Dims> {
    let Some(lead) = sizes.len().checked_sub(shape.len()) else {
        return Err(Error::shape(format!(
            "the number of sizes given, {} in {sizes:?}, must be at least the number of dims of the tensor, {} in {shape:?}",
            sizes.len(),
            shape.len()
        )));
    };
    let size = |(d, &n): (usize, &i64)| match (n, d.checked_sub(lead)) {
        (-1, Some(d)) => Ok(shape[d]),
        (-1, None) => Err(Error::shape(format!(
            "size -1 is not allowed in a leading, non-existing dim {d}, expanding {shape:?} to {sizes:?}"
        ))),
        (n, _) => held(n, "size", || {
            Error::shape(format!("sizes must be -1 or non-negative, got {n} in {sizes:?} for dim {d}"))
        }),
    };
    sizes.iter().enumerate().map(size).collect()
}

fn layout(x: &Meta, attrs: &Attrs) -> Result<Layout> {
    x.layout().expand(&target(x.shape(), attrs.get_ints(0)?)?)
}

pub(super) fn vjp(b: &Backward) -> Result<Grads> {
    Ok(smallvec![Some(sum_to_size(b.g(), b.shape(0))?)])
}

pub(super) fn samples() -> Vec<Sample> {
    vec![
        call("a column", &[3, 1], [ints(&[3, 4])]),
        call("new leading dims", &[3], [ints(&[2, 4, 3])]),
        call("-1 keeps a size", &[2, 1], [ints(&[-1, 3])]),
        call("a 0-dim tensor", &[], [ints(&[2, 2])]),
        call("to nothing", &[1, 3], [ints(&[0, 3])]),
        call("the same shape", &[2, 3], [ints(&[2, 3])]),
    ]
}

pub(super) fn errors() -> Vec<ErrorSample> {
    let shape = |sample, message| fails(sample, Code::Shape, message);
    vec![
        shape(call("a size that is not 1", &[2, 3], [ints(&[4, 3])]), "neither 1 nor 4"),
        shape(call("fewer dims", &[2, 3], [ints(&[3])]), "at least the number of dims"),
        shape(call("-1 for a new dim", &[3], [ints(&[-1, 3])]), "leading, non-existing dim"),
        shape(call("a negative size", &[1], [ints(&[-2])]), "-1 or non-negative"),
    ]
}

pub(crate) static DEF: OpDef = OpDef {
    name: "expand",
    doc: "Returns a view of `input` with dims of size 1 stretched to `size`; new dims are added in front.\n\n\
          A size of -1 keeps that of `input`. Stretched dims have stride 0, so several elements are one place in memory: \
          `clone()` before writing in place. The gradient is summed over stretched and new dims. Costs nothing. \
          Source: PyTorch, `Tensor.expand`.",
    args: &[Arg::tensor("input"), Arg::required("size", Kind::IntsSpread)],
    class: Class::View,
    surface: &[Api::Method],
    node: "ExpandBackward0",
    body: Body::View(layout),
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    samples,
    errors,
    ..OpDef::BASE
}
.shipped();

/// The op, and its copying form.
pub static DEFS: &[&OpDef] = &[&DEF, &COPY];

static COPY: OpDef = copying(
    &DEF,
    "expand_copy",
    "Returns a copy of what `expand` gives. Source: PyTorch, `torch.expand_copy`.",
    |inputs, attrs| copied(&DEF, inputs, attrs),
)
.shipped();

/// `x` broadcast to `shape`, as a view.
pub fn expand(x: &Tensor, shape: &[usize]) -> Result<Tensor> {
    if x.shape() == shape {
        return Ok(x.clone());
    }
    invoke::with(&DEF, &[Some(x)], Attrs::new().shape(shape))
}
