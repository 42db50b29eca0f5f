//! The diagonals of matrices.

use crate::invoke;
use crate::shared::view::copies::{copied, copying};
use crate::shared::view::gradient;
use crate::shared::view::samples::{call, fails, int, ints};
use adjoint_autograd::{
    Arg, Attrs, Backward, Body, Call, Class, Default, Facts, Grads, Half, Jvp, Kind, OpDef, Sample, Spec, Specs,
    Tensor, Vjp,
};
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Array, Code, Error, Layout, Result};
use smallvec::smallvec;

/// The diagonal of `l` that attributes `at..at + 3` mean: offset, dim1, dim2.
fn of(l: &Layout, attrs: &Attrs, at: usize) -> Result<Layout> {
    let offset = attrs.opt_int(at).unwrap_or(0);
    let rows = wrap_dim(attrs.opt_int(at + 1).unwrap_or(0), l.rank())?;
    let columns = wrap_dim(attrs.opt_int(at + 2).unwrap_or(1), l.rank())?;
    if rows == columns {
        return Err(Error::usage(format!("diagonal dims cannot be identical, got dim {rows} twice")));
    }
    let (n, m) = (l.shape[rows], l.shape[columns]);
    // Beyond every matrix there is nothing on the diagonal, however far.
    let far = |v: i64| usize::try_from(v.unsigned_abs()).unwrap_or(usize::MAX);
    let (above, below) = (far(offset.max(0)), far(offset.min(0)));
    let len = n.saturating_sub(below).min(m.saturating_sub(above));
    let mut out = l.clone();
    if len > 0 {
        out.offset += above * l.strides[columns] as usize + below * l.strides[rows] as usize;
    }
    for d in [rows.max(columns), rows.min(columns)] {
        out.shape.remove(d);
        out.strides.remove(d);
    }
    out.shape.push(len);
    out.strides.push(l.strides[rows] + l.strides[columns]);
    Ok(out)
}

fn vjp(b: &Backward) -> Result<Grads> {
    let mut attrs = Attrs::new().shape(b.shape(0));
    attrs.0.extend((0..3).map(|i| b.attrs().get(i).clone()));
    Ok(smallvec![Some(invoke::with(&BACKWARD, &[Some(b.g())], attrs)?)])
}

fn window(attrs: &Attrs) -> Result<Layout> {
    of(&Layout::contiguous(&attrs.get_shape(0)?), attrs, 1)
}

fn rule(call: &Facts) -> Result<Specs> {
    gradient::check(call, &window(call.attrs)?)?;
    Ok(Spec::one(call.attrs.get_shape(0)?, call.input(0).dtype()))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    gradient::write(&outs[0], window(call.attrs)?, call.input(0))
}

fn backward_vjp(b: &Backward) -> Result<Grads> {
    let attrs = Attrs((1..4).map(|i| b.attrs().get(i).clone()).collect());
    Ok(smallvec![Some(invoke::with(&DEF, &[Some(b.g())], attrs)?)])
}

fn samples() -> Vec<Sample> {
    vec![
        call("a square", &[3, 3], [int(0), int(0), int(1)]),
        call("above", &[2, 4], [int(1), int(0), int(1)]),
        call("below, other dims", &[3, 2, 2], [int(-1), int(-1), int(0)]),
        call("outside", &[2, 2], [int(5), int(0), int(1)]),
    ]
}

/// The op.
static DEF: OpDef = OpDef {
    name: "diagonal",
    doc: "Returns a view of the diagonals of `input` over dims `dim1` and `dim2`, as a new last dim in their place.\n\n\
          `offset` counts diagonals above the main one, or below it where negative. Source: PyTorch, `torch.diagonal`.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("offset", Kind::Int, Default::Int(0)),
        Arg::optional("dim1", Kind::Int, Default::Int(0)),
        Arg::optional("dim2", Kind::Int, Default::Int(1)),
    ],
    class: Class::View,
    node: "DiagonalBackward0",
    body: Body::View(|x, attrs| of(x.layout(), attrs, 0)),
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    samples,
    errors: || {
        vec![
            fails(call("the same dim", &[2, 2], [int(0), int(1), int(-1)]), Code::Usage, "cannot be identical"),
            fails(call("a vector", &[2], [int(0)]), Code::Index, "out of range"),
        ]
    },
    ..OpDef::BASE
}
.shipped();

/// Zeros with `g` on the diagonals.
static BACKWARD: OpDef = OpDef {
    name: "_diagonal_backward",
    part_of: "diagonal",
    doc: "Zeros of shape `size` with `input` written on the diagonals.",
    args: &[
        Arg::tensor("input"),
        Arg::required("size", Kind::Ints),
        Arg::optional("offset", Kind::Int, Default::Int(0)),
        Arg::optional("dim1", Kind::Int, Default::Int(0)),
        Arg::optional("dim2", Kind::Int, Default::Int(1)),
    ],
    class: Class::Index,
    surface: &[],
    node: "DiagonalBackwardBackward0",
    body: Body::Kernel { rule, run },
    half: Half::Native,
    vjp: Vjp::Fn(backward_vjp),
    samples: || vec![call("above", &[2], [ints(&[2, 3]), int(1)])],
    errors: Vec::new,
    ..DEF
}
.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&BACKWARD, &DEF, &COPY];

static COPY: OpDef = copying(
    &DEF,
    "diagonal_copy",
    "Returns a copy of what `diagonal` gives. Source: PyTorch, `torch.diagonal_copy`.",
    |inputs, attrs| copied(&DEF, inputs, attrs),
)
.shipped();

/// The diagonals of `x` over dims `dim1` and `dim2`, `offset` above the main one.
pub fn diagonal(x: &Tensor, offset: i64, dim1: usize, dim2: usize) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().int(offset).int(dim1 as i64).int(dim2 as i64))
}

/// The side of the square matrix that has `n` elements on the diagonal `offset` away from the main
/// one.
pub(super) fn side(n: usize, offset: i64) -> Result<usize> {
    let side = usize::try_from(offset.unsigned_abs()).ok().and_then(|far| far.checked_add(n));
    side.ok_or_else(|| {
        Error::shape(format!("a diagonal {offset} away from the main one needs a matrix larger than any memory"))
    })
}

/// Zeros of shape `size` with `g` on the diagonals.
pub(crate) fn on_diagonal(g: &Tensor, size: &[usize], offset: i64, dim1: usize, dim2: usize) -> Result<Tensor> {
    let attrs = Attrs::new().shape(size).int(offset).int(dim1 as i64).int(dim2 as i64);
    invoke::with(&BACKWARD, &[Some(g)], attrs)
}
