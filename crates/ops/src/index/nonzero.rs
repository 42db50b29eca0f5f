//! The coordinates of what is not zero.

use super::masked_select::count;
use crate::invoke;
use crate::shared::samples;
use crate::shared::view::samples::call;
use crate::view::{reshape, unbind};
use adjoint_autograd::{
    Api, Arg, Arrays, Attr, Attrs, Body, Call, Class, Default, Kind, OpDef, Outputs, Tensor, Vjp, required,
};
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

fn columns(inputs: &[Option<&Tensor>], _: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    // A 0-dim tensor counts as a vector of one element.
    let vector = if x.rank() == 0 { Some(reshape::reshape(x, &[1])?) } else { None };
    unbind::unbind(&nonzero(vector.as_ref().unwrap_or(x))?, 1)
}

static NONZERO: OpDef = OpDef {
    name: "nonzero",
    doc: "Returns the coordinates of the elements of `input` that are not zero: an int64 matrix with a row for each, in row-major \
          order, and a column for each dim.\n\n\
          NaN is not zero. The size of the result depends on the data. Source: PyTorch, `torch.nonzero`.",
    args: &[Arg::tensor("input"), Arg::optional("as_tuple", Kind::Literal(false), Default::Bool(false))],
    class: Class::Index,
    surface: &[Api::Function, Api::Method],
    body: Body::Dynamic { rule: |_| Ok(None), run: find },
    vjp: Vjp::None("returns indices"),
    samples: || {
        let mut all = samples::unary();
        all.push(call("not as a tuple", &[2, 3], [Attr::Bool(false)]));
        all
    },
    ..OpDef::BASE
}
.shipped();

static ARGWHERE: OpDef = OpDef {
    name: "argwhere",
    doc: "Another name of `nonzero`. Source: PyTorch, `torch.argwhere`.",
    args: &[Arg::tensor("input")],
    samples: samples::unary,
    ..NONZERO
}
.shipped();

static TUPLE: OpDef = OpDef {
    name: "nonzero.tuple",
    doc: "Returns the columns of what `nonzero` returns as a list of vectors, which indexes `input` by its elements that are not zero.",
    args: &[Arg::tensor("input"), Arg::required("as_tuple", Kind::Literal(true))],
    outputs: &[],
    class: Class::Composite,
    body: Body::Composite(columns),
    vjp: Vjp::None("returns indices"),
    samples: || vec![call("a matrix", &[2, 3], [Attr::Bool(true)]), call("a 0-dim tensor", &[], [Attr::Bool(true)])],
    ..NONZERO
}
.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&ARGWHERE, &NONZERO, &TUPLE];

/// The coordinates of the elements of `x` that are not zero, a row each.
pub fn nonzero(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&NONZERO, x)
}
