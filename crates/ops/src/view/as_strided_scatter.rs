//! A copy in which a strided view of the memory is written.

use super::as_strided;
use crate::elementwise::copy::copy_;
use crate::invoke;
use crate::shared::view::samples::{fails, int, ints};
use crate::shared::view::written::sample;
use crate::view::clone::clone;
use adjoint_autograd::{Arg, Attrs, Body, Default, Kind, OpDef, Outputs, Tensor, hidden, required};
use adjoint_tensor::layout::Extent;
use adjoint_tensor::{Code, Dims, Error, Layout, Result, Strides};
use smallvec::smallvec;

/// A copy of all the memory of `x`, so that the strides and the offset of `x` mean the same there.
fn copied(x: &Tensor) -> Result<Tensor> {
    let array = x.array();
    // Of samples in a common memory each has what its own elements span.
    let len = match array.layout().extent() {
        Some(Extent { end, .. }) if array.is_batched() => end,
        _ => array.storage().bytes() / array.dtype().size(),
    };
    let all = Layout { shape: Dims::from_elem(len, 1), strides: Strides::from_elem(1, 1), offset: 0 };
    clone(&as_strided::view_of(x, &all)?)
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [x, src] = [0, 1].map(|i| required(inputs, i));
    let x = &hidden::spread_like(x, &[src])?;
    let out = as_strided::view_of(&copied(x)?, x.array().layout())?;
    let part = invoke::with(&as_strided::DEF, &[Some(&out)], attrs.clone())?;
    if part.shape() != src.shape() {
        return Err(Error::shape(format!(
            "expected src to have a size equal to the slice of self, got {:?} and {:?}",
            src.shape(),
            part.shape()
        )));
    }
    copy_(&part, src)?;
    Ok(smallvec![out])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "as_strided_scatter",
    doc: "Returns a copy of `input` with `src` written at the view with the given `size`, `stride` and `storageOffset`, all in elements \
          of its memory; the offset is that of `input` where it is left out.\n\n\
          The copy has the strides of `input`. Fails where the view leaves the memory. Source: PyTorch, `torch.as_strided_scatter`.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("src"),
        Arg::required("size", Kind::Ints),
        Arg::required("stride", Kind::Ints),
        Arg::optional("storage_offset", Kind::Int, Default::None),
    ],
    body: Body::Composite(body),
    samples: || {
        vec![
            sample("a window", &[3, 3], &[2, 2], [ints(&[2, 2]), ints(&[1, 3]), int(1)]),
            sample("one element", &[4], &[], [ints(&[]), ints(&[]), int(2)]),
        ]
    },
    errors: || {
        let call = |label, size: &[i64]| sample(label, &[4], &[3], [ints(size), ints(&[1])]);
        vec![
            fails(call("another shape", &[2]), Code::Shape, "equal to the slice"),
            fails(call("out of bounds", &[5]), Code::Index, "outside of a storage of 4"),
        ]
    },
    ..OpDef::COMPOSITE
}
.shipped();
