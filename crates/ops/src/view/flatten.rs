//! Neighbouring dims as one.

use super::reshape;
use crate::shared::view::samples::{call, fails, int, tensors};
use adjoint_autograd::{Arg, Attrs, Body, Default, Kind, OpDef, Outputs, Tensor, required};
use adjoint_tensor::{Code, Dims, Error, Result, dims};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    let dim = |i, default| dims::wrap_dim(attrs.opt_int(i).unwrap_or(default), x.rank());
    let (start, end) = (dim(0, 0)?, dim(1, -1)?);
    if start > end {
        return Err(Error::usage(format!("startDim cannot come after endDim, got {start} and {end}")));
    }
    Ok(smallvec![flatten(x, start, end)?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "flatten",
    doc: "Returns `input` with dims `start_dim` to `end_dim`, both included, as one: a view where strides allow it, else a copy.\n\n\
          A 0-dim tensor becomes a vector of one element. Source: PyTorch, `torch.flatten`.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("start_dim", Kind::Int, Default::Int(0)),
        Arg::optional("end_dim", Kind::Int, Default::Int(-1)),
    ],
    body: Body::Composite(body),
    samples: || {
        vec![
            tensors("all dims", &[&[2, 3, 2]]),
            call("some dims", &[2, 3, 2], [int(1), int(2)]),
            call("negative dims", &[2, 3, 2], [int(-3), int(-2)]),
            tensors("a 0-dim tensor", &[&[]]),
            tensors("an empty tensor", &[&[2, 0]]),
        ]
    },
    errors: || {
        vec![
            fails(call("dims reversed", &[2, 3], [int(1), int(0)]), Code::Usage, "cannot come after"),
            fails(call("a dim too large", &[2, 3], [int(0), int(2)]), Code::Index, "out of range"),
        ]
    },
    ..OpDef::COMPOSITE
}
.shipped();

/// `x` with dims `start..=end` as one.
pub fn flatten(x: &Tensor, start: usize, end: usize) -> Result<Tensor> {
    if x.rank() == 0 {
        return reshape::reshape(x, &[1]);
    }
    let mut shape = Dims::from_slice(&x.shape()[..start]);
    // Of a tensor without elements the dims may be more together than can be addressed.
    let dims = &x.shape()[start..=end];
    let joined = if dims.contains(&0) { Some(0) } else { dims.iter().try_fold(1usize, |n, &size| n.checked_mul(size)) };
    shape.push(joined.filter(|&n| isize::try_from(n).is_ok()).ok_or_else(|| {
        Error::shape(format!("dims {start} to {end} of shape {:?} are too large together to be one dim", x.shape()))
    })?);
    shape.extend_from_slice(&x.shape()[end + 1..]);
    reshape::reshape(x, &shape)
}
