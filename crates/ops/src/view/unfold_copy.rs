//! Copies of windows along a dim.

use super::{movedim::movedim, reshape::reshape};
use crate::index::index_select::index_select;
use crate::shared::checks::only;
use crate::shared::view::samples::{call, fails, int};
use adjoint_autograd::{Api, Arg, Attrs, Body, Kind, OpDef, Outputs, Tensor};
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Array, Code, Dims, Error, Result, scratch};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = only(inputs)?;
    let dim = wrap_dim(attrs.get_int(0)?, x.rank())?;
    let (size, step) = (attrs.get_int(1)?, attrs.get_int(2)?);
    let n = x.shape().get(dim).copied().unwrap_or(1) as i64;
    if size < 0 || size > n {
        return Err(Error::usage(format!("maximum size for tensor at dimension {dim} is {n} but size is {size}")));
    }
    if step <= 0 {
        return Err(Error::usage(format!("step is {step} but must be > 0")));
    }
    let count = (n - size) / step + 1;
    let mut places = scratch::filled(0i64, (count * size) as usize)?;
    for (i, place) in places.iter_mut().enumerate() {
        *place = i as i64 / size * step + i as i64 % size;
    }
    let index = Tensor::from_array(Array::from_slice(&places, &[places.len()])?);
    // A 0-dim tensor is a vector of one element.
    let vector = if x.rank() == 0 { Some(reshape(x, &[1])?) } else { None };
    let x = vector.as_ref().unwrap_or(x);
    let taken = index_select(x, dim, &index)?;
    if vector.is_some() {
        return Ok(smallvec![taken]);
    }
    let mut shape = Dims::from_slice(x.shape());
    shape[dim] = count as usize;
    shape.insert(dim + 1, size as usize);
    Ok(smallvec![movedim(&reshape(&taken, &shape)?, dim + 1, x.rank())?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "unfold_copy",
    doc: "Returns copies of all windows of `size` elements along `dimension`, `step` apart, in a last dim.\n\n\
          Source: PyTorch, `torch.unfold_copy`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("dimension", Kind::Int),
        Arg::required("size", Kind::Int),
        Arg::required("step", Kind::Int),
    ],
    surface: &[Api::Function],
    body: Body::Composite(body),
    samples: || {
        vec![
            call("rows", &[5, 2], [int(0), int(3), int(2)]),
            call("windows that overlap", &[2, 4], [int(1), int(2), int(1)]),
            call("a 0-dim tensor", &[], [int(0), int(1), int(1)]),
        ]
    },
    errors: || vec![fails(call("a window too large", &[3], [int(0), int(4), int(1)]), Code::Usage, "maximum size")],
    ..OpDef::COMPOSITE
}
.shipped();
