//! A dim cut into pieces.

use super::cat;
use crate::invoke;
use crate::shared::view::copies::{copied, copying};
use crate::shared::view::count;
use crate::shared::view::joined;
use crate::shared::view::samples::{call, fails, int, ints};
use adjoint_autograd::{
    Arg, Attrs, Backward, Body, Class, Default, ErrorSample, Grads, Jvp, Kind, OpDef, Outputs, Sample, Tensor, Vjp,
};
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Code, Dims, Error, Layout, Meta, Result};
use smallvec::smallvec;

/// The dim that attribute 1 names.
fn dim(attrs: &Attrs, shape: &[usize]) -> Result<usize> {
    if shape.is_empty() {
        return Err(Error::index("expects at least a 1-dimensional tensor"));
    }
    wrap_dim(attrs.opt_int(1).unwrap_or(0), shape.len())
}

/// The lengths of the pieces.
fn sizes(attrs: &Attrs, shape: &[usize], dim: usize) -> Result<Dims> {
    let n = shape[dim];
    if let Some(list) = attrs.opt_ints(0) {
        count::room(list.len() as i64, shape.len())?;
        let out: Option<Dims> = list.iter().map(|&v| usize::try_from(v).ok()).collect();
        return out.filter(|sizes| sizes.iter().try_fold(0usize, |sum, &v| sum.checked_add(v)) == Some(n)).ok_or_else(
            || {
                Error::shape(format!(
                    "expected non-negative sizes that sum exactly to {n} (size of dim {dim} of {shape:?}), got {list:?}"
                ))
            },
        );
    }
    let size = attrs.get_int(0)?;
    // A longer piece than the dim is the dim.
    match usize::try_from(size.min(i64::from(u32::MAX >> 1))) {
        Err(_) => Err(Error::usage(format!("splitSize must be non-negative, got {size}"))),
        Ok(0) if n > 0 => {
            Err(Error::usage(format!("splitSize can only be 0 if dimension size is 0, but got dimension size of {n}")))
        }
        // Nothing is one piece of nothing.
        Ok(_) if n == 0 => Ok(smallvec![0]),
        Ok(size) => {
            count::room(n.div_ceil(size) as i64, shape.len())?;
            Ok((0..n.div_ceil(size)).map(|i| size.min(n - i * size)).collect())
        }
    }
}

fn layouts(x: &Meta, attrs: &Attrs) -> Result<Vec<Layout>> {
    let dim = dim(attrs, x.shape())?;
    let mut start = 0;
    let mut next = |len: usize| {
        let piece = x.layout().slice(dim, start, len, 1);
        start += len;
        piece
    };
    Ok(sizes(attrs, x.shape(), dim)?.into_iter().map(&mut next).collect())
}

fn vjp(b: &Backward) -> Result<Grads> {
    let dim = dim(b.attrs(), b.shape(0))?;
    let pieces = sizes(b.attrs(), b.shape(0), dim)?.len();
    Ok(smallvec![Some(joined::gradients(b, cat::cat, pieces, dim)?)])
}

pub(super) fn size_samples() -> Vec<Sample> {
    vec![
        call("given sizes", &[2, 6], [ints(&[1, 3, 2]), int(1)]),
        call("an empty piece", &[3], [ints(&[3, 0]), int(0)]),
    ]
}

pub(super) fn size_errors() -> Vec<ErrorSample> {
    vec![
        fails(call("another sum", &[5], [ints(&[2, 2])]), Code::Shape, "sum exactly to 5"),
        fails(call("a negative size", &[2], [ints(&[3, -1])]), Code::Shape, "non-negative sizes"),
    ]
}

const DOC: &str = "Returns views of `input` cut along `dim`: into pieces of `split_size`, the last of which may be smaller, or of the \
                   given sizes, which must sum to the size of the dim.\n\n\
                   The views cannot be written in place while gradients are recorded. Source: PyTorch, `torch.split`.";

/// Pieces of equal size.
static SIZE: OpDef = OpDef {
    name: "split",
    doc: DOC,
    args: &[
        Arg::tensor("input"),
        Arg::required("split_size", Kind::Int),
        Arg::optional("dim", Kind::Int, Default::Int(0)),
    ],
    class: Class::View,
    node: "SplitBackward0",
    body: Body::Views(layouts),
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    samples: || {
        vec![
            call("equal pieces", &[4, 2], [int(2)]),
            call("a smaller last piece", &[2, 5], [int(2), int(-1)]),
            call("one piece", &[3], [int(7)]),
            call("nothing", &[0, 2], [int(3)]),
        ]
    },
    errors: || {
        vec![
            fails(call("a size of 0", &[3], [int(0)]), Code::Usage, "only be 0 if dimension size is 0"),
            fails(call("a negative size", &[3], [int(-1)]), Code::Usage, "non-negative"),
            fails(call("a 0-dim tensor", &[], [int(1)]), Code::Index, "at least a 1-dimensional"),
        ]
    },
    ..OpDef::BASE
}
.shipped();

/// Pieces of given sizes.
pub(super) static SIZES: OpDef = OpDef {
    name: "split.sizes",
    args: &[
        Arg::tensor("input"),
        Arg::required("split_size", Kind::Ints),
        Arg::optional("dim", Kind::Int, Default::Int(0)),
    ],
    node: "SplitWithSizesBackward0",
    samples: size_samples,
    errors: size_errors,
    ..SIZE
}
.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&SIZE, &SIZES, &COPY, &SIZE_COPY, &UNSAFE];

static UNSAFE: OpDef = OpDef {
    name: "unsafe_split",
    doc: "Another name of `split`: here the views of one tensor may be written safely. Source: PyTorch, `torch.unsafe_split`.",
    by_hand: false,
    ..SIZE
}
.shipped();

static COPY: OpDef = copying(
    &SIZES,
    "split_with_sizes_copy",
    "Returns a copy of what `split` gives. Source: PyTorch, `torch.split_with_sizes_copy`.",
    |inputs, attrs| copied(&SIZES, inputs, attrs),
)
.shipped();

static SIZE_COPY: OpDef = copying(
    &SIZE,
    "split_copy",
    "Returns copies of the pieces that `split` gives. Source: PyTorch, `torch.split_copy`.",
    |inputs, attrs| copied(&SIZE, inputs, attrs),
)
.shipped();

/// `x` cut along `dim` into pieces of `size`.
pub fn split(x: &Tensor, size: usize, dim: usize) -> Result<Outputs> {
    invoke::many(&SIZE, &[Some(x)], Attrs::new().int(size as i64).int(dim as i64))
}

/// `x` cut along `dim` into pieces of these sizes.
pub fn split_sizes(x: &Tensor, sizes: &[usize], dim: usize) -> Result<Outputs> {
    invoke::many(&SIZES, &[Some(x)], Attrs::new().shape(sizes).int(dim as i64))
}
