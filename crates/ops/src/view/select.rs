//! One index of a dim.

use crate::invoke;
use crate::shared::view::copies::{copied, copying};
use crate::shared::view::gradient;
use crate::shared::view::samples::{call, fails, int, ints};
use adjoint_autograd::{
    Arg, Attrs, Backward, Body, Call, Class, Facts, Grads, Half, Jvp, Kind, OpDef, Spec, Specs, Tensor, Vjp,
};
use adjoint_tensor::{Array, Code, Error, Layout, Meta, Result};
use smallvec::smallvec;

/// The layout of index `index` of dim `dim` of `l`, checked.
fn at(l: &Layout, dim: i64, index: i64) -> Result<Layout> {
    if l.rank() == 0 {
        return Err(Error::index("cannot be applied to a 0-dim tensor"));
    }
    let d = l.dim(dim)?;
    let n = l.shape[d] as i64;
    if index < -n || index >= n {
        return Err(Error::index(format!(
            "index {index} is out of range for shape {:?} at dim {d}, which has size {n}",
            l.shape.as_slice()
        ))
        .with("index", index)
        .with("dim", d)
        .with("size", n));
    }
    Ok(l.select(d, if index < 0 { index + n } else { index } as usize))
}

fn layout(x: &Meta, attrs: &Attrs) -> Result<Layout> {
    at(x.layout(), attrs.get_int(0)?, attrs.get_int(1)?)
}

fn vjp(b: &Backward) -> Result<Grads> {
    let attrs = Attrs::new().shape(b.shape(0)).int(b.attrs().get_int(0)?).int(b.attrs().get_int(1)?);
    Ok(smallvec![Some(invoke::with(&BACKWARD, &[Some(b.g())], attrs)?)])
}

fn window(attrs: &Attrs) -> Result<Layout> {
    at(&Layout::contiguous(&attrs.get_shape(0)?), attrs.get_int(1)?, attrs.get_int(2)?)
}

fn rule(call: &Facts) -> Result<Specs> {
    gradient::check(call, &window(call.attrs)?)?;
    Ok(Spec::one(call.attrs.get_shape(0)?, call.input(0).dtype()))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    gradient::write(&outs[0], window(call.attrs)?, call.input(0))
}

fn backward_vjp(b: &Backward) -> Result<Grads> {
    let attrs = Attrs::new().int(b.attrs().get_int(1)?).int(b.attrs().get_int(2)?);
    Ok(smallvec![Some(invoke::with(&DEF, &[Some(b.g())], attrs)?)])
}

/// The op.
static DEF: OpDef = OpDef {
    name: "select",
    doc: "Returns a view of `input` at `index` of `dim`, which disappears.\n\n\
          A negative index counts from the end. The gradient is 0 elsewhere. Source: PyTorch, `torch.select`.",
    args: &[Arg::tensor("input"), Arg::required("dim", Kind::Int), Arg::required("index", Kind::Int)],
    class: Class::View,
    node: "SelectBackward0",
    body: Body::View(layout),
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    samples: || {
        vec![
            call("a row", &[3, 4], [int(0), int(1)]),
            call("negative dim and index", &[3, 4], [int(-1), int(-2)]),
            call("a vector", &[3], [int(0), int(2)]),
            call("an empty tensor", &[2, 0], [int(0), int(1)]),
        ]
    },
    errors: || {
        vec![
            fails(call("an index too large", &[3, 4], [int(0), int(3)]), Code::Index, "index 3 is out of range"),
            fails(call("an index too small", &[3, 4], [int(0), int(-4)]), Code::Index, "index -4 is out of range"),
            fails(call("a 0-dim tensor", &[], [int(0), int(0)]), Code::Index, "0-dim tensor"),
        ]
    },
    ..OpDef::BASE
}
.shipped();

/// Zeros with `g` at one index.
static BACKWARD: OpDef = OpDef {
    name: "_select_backward",
    part_of: "select",
    doc: "Zeros of shape `size` with `input` written at `index` of `dim`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("size", Kind::Ints),
        Arg::required("dim", Kind::Int),
        Arg::required("index", Kind::Int),
    ],
    class: Class::Index,
    surface: &[],
    node: "SelectBackwardBackward0",
    body: Body::Kernel { rule, run },
    half: Half::Native,
    vjp: Vjp::Fn(backward_vjp),
    jvp: Jvp::Linear,
    samples: || vec![call("a row", &[4], [ints(&[3, 4]), int(0), int(1)])],
    ..OpDef::BASE
}
.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&BACKWARD, &DEF, &COPY];

static COPY: OpDef = copying(
    &DEF,
    "select_copy",
    "Returns a copy of what `select` gives. Source: PyTorch, `torch.select_copy`.",
    |inputs, attrs| copied(&DEF, inputs, attrs),
)
.shipped();

/// `x` at `index` of `dim`, which disappears.
pub fn select(x: &Tensor, dim: usize, index: usize) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().int(dim as i64).int(index as i64))
}
