//! The coordinates of what is not zero.

use super::masked_select::count;
use crate::invoke;
use crate::shared::samples;
use crate::shared::view::samples::{call, fails};
use crate::view::{reshape, unbind};
use adjoint_autograd::{
    Api, Arg, Arrays, Attr, Attrs, Body, Call, Class, Default, Facts, Kind, OpDef, Outputs, Spec, Tensor, Vjp, required,
};
use adjoint_kernels::index;
use adjoint_tensor::{Array, Code, DType, Error, Result, Scalar};
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
pub static DEFS: &[&OpDef] = &[&ARGWHERE, &NONZERO, &TUPLE, &STATIC];

fn count_wanted(call: &Facts) -> Result<usize> {
    match call.attrs.get_int(0)? {
        n if n >= 0 => adjoint_tensor::array::checked_size(n),
        n => Err(Error::usage(format!("size must be non-negative, got {n}"))),
    }
}

fn find_some(call: &Call, outs: &mut [Array]) -> Result<()> {
    outs[0].fill(Scalar::Int(call.attrs.opt_int(1).unwrap_or(-1)));
    let found = find(call)?.swap_remove(0);
    let both = outs[0].shape()[0].min(found.shape()[0]);
    let rows = |x: &Array| x.with_layout(x.layout().slice(0, 0, both, 1));
    rows(&outs[0])?.assign(&rows(&found)?)
}

static STATIC: OpDef = OpDef {
    name: "nonzero_static",
    doc: "Returns the first `size` rows of what `nonzero` gives; where there are fewer, rows of `fillValue` are added.\n\n\
          So the size of the result does not depend on the data. Source: PyTorch, `torch.nonzero_static`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("size", Kind::Int),
        Arg::optional("fill_value", Kind::Int, Default::Int(-1)),
    ],
    body: Body::Kernel {
        rule: |call| Ok(Spec::one([count_wanted(call)?, call.input(0).rank()], DType::Int64)),
        run: find_some,
    },
    samples: || vec![call("a matrix", &[2, 3], [Attr::Int(4)]), call("more than there are", &[2], [Attr::Int(5), Attr::Int(7)])],
    errors: || vec![fails(call("a negative size", &[2], [Attr::Int(-1)]), Code::Usage, "non-negative")],
    ..NONZERO
}
.shipped();

/// The coordinates of the elements of `x` that are not zero, a row each.
pub fn nonzero(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&NONZERO, x)
}
