//! The coordinates of what is not zero.

use super::masked_select::count;
use crate::{invoke, samples};
use adjoint_autograd::{Arg, Arrays, Body, Call, Class, OpDef, Surface, Tensor, Vjp};
use adjoint_kernels::index;
use adjoint_tensor::{Array, DType, Result};
use smallvec::smallvec;

fn find(call: &Call) -> Result<Arrays> {
    let x = call.input(0);
    let mask = x.cast(DType::Bool)?.contiguous()?;
    let mut out = Array::empty(&[count(&mask), x.rank()], DType::Int64)?;
    index::nonzero_in(mask.bool_bytes(), x.shape(), out.as_mut_slice());
    Ok(smallvec![out])
}

static NONZERO: OpDef = OpDef {
    name: "nonzero",
    doc: "Returns the coordinates of the elements of `input` that are not zero: an int64 matrix with a row for each, in row-major \
          order, and a column for each dim.\n\n\
          NaN is not zero. The size of the result depends on the data. Source: PyTorch, `torch.nonzero`.",
    args: &[Arg::tensor("input")],
    class: Class::Index,
    surface: &[Surface::Function, Surface::Method],
    body: Body::Dynamic(find),
    vjp: Vjp::None("returns indices"),
    samples: samples::unary,
    ..OpDef::BASE
};

static ARGWHERE: OpDef =
    OpDef { name: "argwhere", doc: "Another name of `nonzero`. Source: PyTorch, `torch.argwhere`.", ..NONZERO };

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&ARGWHERE, &NONZERO];

/// The coordinates of the elements of `x` that are not zero, a row each.
pub fn nonzero(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&NONZERO, x)
}
