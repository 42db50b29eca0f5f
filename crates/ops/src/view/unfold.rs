//! The windows of a dim, as a view.

use crate::pool::unfold_axis::fold_axis;
use crate::reduce::sum::sum_dims;
use crate::shared::view::samples::{call, fails, int};
use crate::view::movedim::movedim;
use adjoint_autograd::{Api, Arg, Attrs, Backward, Body, Class, Grads, Jvp, Kind, OpDef, Vjp};
use adjoint_kernels::windows::Windows;
use adjoint_tensor::array::held;
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Code, Error, Layout, Meta, Result};
use smallvec::smallvec;

fn layout(x: &Meta, attrs: &Attrs) -> Result<Layout> {
    let mut out = x.layout().clone();
    let dim = wrap_dim(attrs.get_int(0)?, out.rank())?;
    let (n, stride) = if out.rank() == 0 { (1, 1) } else { (out.shape[dim], out.strides[dim]) };
    let (size, step) = (attrs.get_int(1)?, attrs.get_int(2)?);
    let size = held(size, "size", || Error::usage(format!("size must not be negative, got {size}")))?;
    if step < 1 {
        return Err(Error::usage(format!("step must be greater than 0, got {step}")));
    }
    if size > n {
        return Err(Error::shape(format!("size must be at most {n}, the size of dim {dim}, got {size}")));
    }
    if out.rank() > 0 {
        let step = usize::try_from(step).unwrap_or(usize::MAX).min(n.max(1));
        out.shape[dim] = (n - size) / step + 1;
        out.strides[dim] = stride * step as isize;
    }
    out.shape.push(size);
    out.strides.push(stride);
    Ok(out)
}

fn vjp(b: &Backward) -> Result<Grads> {
    let (g, shape) = (b.g(), b.shape(0));
    if shape.is_empty() {
        return Ok(smallvec![Some(sum_dims(g, &[0], false)?)]);
    }
    let dim = wrap_dim(b.attrs().get_int(0)?, shape.len())?;
    let n = shape[dim];
    let [size, step] = [b.attrs().get_int(1)?, b.attrs().get_int(2)?.min(n.max(1) as i64)].map(|v| v as usize);
    let windows = Windows { count: g.shape()[dim], size, step, dilation: 1, padding: 0 };
    Ok(smallvec![Some(fold_axis(&movedim(g, shape.len(), dim + 1)?, dim, &windows, n)?)])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "unfold",
    doc: "Returns a view of the windows of `size` elements of dim `dimension`, `step` apart, whose elements are a new last dim.\n\n\
          The dim has `⌊(n − size) / step⌋ + 1` windows. They may overlap: the gradient of an element is the sum over its copies. \
          Source: PyTorch, `torch.Tensor.unfold`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("dimension", Kind::Int),
        Arg::required("size", Kind::Int),
        Arg::required("step", Kind::Int),
    ],
    class: Class::View,
    node: "UnfoldBackward0",
    surface: &[Api::Method],
    body: Body::View(layout),
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    samples: || {
        vec![
            call("side by side", &[6], [int(0), int(2), int(2)]),
            call("overlapping", &[2, 5, 2], [int(1), int(3), int(1)]),
            call("gaps", &[2, 7], [int(-1), int(2), int(4)]),
            call("a 0-dim tensor", &[], [int(0), int(1), int(1)]),
            call("no elements", &[3], [int(0), int(0), int(1)]),
        ]
    },
    errors: || {
        vec![
            fails(call("a step of 0", &[4], [int(0), int(2), int(0)]), Code::Usage, "greater than 0"),
            fails(call("a size too large", &[4], [int(0), int(5), int(1)]), Code::Shape, "at most 4"),
            fails(call("a dim too high", &[4], [int(1), int(1), int(1)]), Code::Index, "out of range"),
        ]
    },
    ..OpDef::BASE
}
.shipped();
