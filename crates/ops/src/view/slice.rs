//! Every `step`-th index of a range of a dim.

use crate::invoke;
use crate::shared::view::copies::{copied, copying};
use crate::shared::view::gradient;
use crate::shared::view::samples::{call, fails, int, ints};
use adjoint_autograd::{
    Arg, Attr, Attrs, Backward, Body, Call, Class, Default, Facts, Grads, Half, Jvp, Kind, OpDef, Sample, Spec, Specs,
    Tensor, Vjp,
};
use adjoint_tensor::{Array, Code, Error, Layout, Result};
use smallvec::smallvec;

/// The slice of `l` that attributes `at..at + 4` mean: dim, start, end, step.
fn of(l: &Layout, attrs: &Attrs, at: usize) -> Result<Layout> {
    if l.rank() == 0 {
        return Err(Error::index("cannot be applied to a 0-dim tensor"));
    }
    let d = l.dim(attrs.opt_int(at).unwrap_or(0))?;
    let n = l.shape[d] as i64;
    let step = attrs.opt_int(at + 3).unwrap_or(1);
    if step <= 0 {
        return Err(Error::usage(format!("step must be greater than zero, got {step}")));
    }
    let place = |v: i64| if v < 0 { v.saturating_add(n) } else { v };
    let start = place(attrs.opt_int(at + 1).unwrap_or(0)).clamp(0, n);
    let end = place(attrs.opt_int(at + 2).unwrap_or(n)).clamp(start, n);
    // Rounded up, without overflow for a huge step.
    let len = (end - start) / step + i64::from((end - start) % step != 0);
    let step = if len > 1 { step } else { 1 };
    Ok(l.slice(d, start as usize, len as usize, step as usize))
}

fn vjp(b: &Backward) -> Result<Grads> {
    let mut attrs = Attrs::new().shape(b.shape(0));
    attrs.0.extend((0..4).map(|i| b.attrs().get(i).clone()));
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
    let attrs = Attrs((1..5).map(|i| b.attrs().get(i).clone()).collect());
    Ok(smallvec![Some(invoke::with(&DEF, &[Some(b.g())], attrs)?)])
}

fn samples() -> Vec<Sample> {
    vec![
        call("a range", &[5, 2], [int(0), int(1), int(4), int(1)]),
        call("a step", &[2, 7], [int(1), int(0), Attr::None, int(3)]),
        call("negative bounds", &[6], [int(-1), int(-4), int(-1), int(2)]),
        call("bounds outside", &[3], [int(0), int(-9), int(9), int(1)]),
        call("nothing", &[3, 2], [int(0), int(2), int(1), int(1)]),
    ]
}

/// The op.
static DEF: OpDef = OpDef {
    name: "_slice",
    part_of: "index",
    doc: "Returns a view of `input` at indices `start`, `start + step`, … below `end` of `dim`.\n\n\
          Negative bounds count from the end, and bounds outside the dim are moved to its ends, as Python does. \
          The gradient is 0 elsewhere. Source: PyTorch, indexing with a slice.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("dim", Kind::Int, Default::Int(0)),
        Arg::optional("start", Kind::Int, Default::None),
        Arg::optional("end", Kind::Int, Default::None),
        Arg::optional("step", Kind::Int, Default::Int(1)),
    ],
    class: Class::View,
    surface: &[],
    node: "SliceBackward0",
    body: Body::View(|x, attrs| of(x.layout(), attrs, 0)),
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    samples,
    errors: || {
        vec![
            fails(call("a step of 0", &[3], [int(0), int(0), int(3), int(0)]), Code::Usage, "greater than zero"),
            fails(call("a 0-dim tensor", &[], [int(0)]), Code::Index, "0-dim tensor"),
            fails(call("a dim too large", &[3], [int(1)]), Code::Index, "out of range"),
        ]
    },
    ..OpDef::BASE
}
.shipped();

/// Zeros with `g` in a slice.
static BACKWARD: OpDef = OpDef {
    name: "_slice_backward",
    part_of: "index",
    doc: "Zeros of shape `size` with `input` written into a slice.",
    args: &[
        Arg::tensor("input"),
        Arg::required("size", Kind::Ints),
        Arg::required("dim", Kind::Int),
        Arg::optional("start", Kind::Int, Default::None),
        Arg::optional("end", Kind::Int, Default::None),
        Arg::optional("step", Kind::Int, Default::Int(1)),
    ],
    class: Class::Index,
    node: "SliceBackwardBackward0",
    body: Body::Kernel { rule, run },
    half: Half::Native,
    vjp: Vjp::Fn(backward_vjp),
    samples: || vec![call("a step", &[2, 3], [ints(&[2, 7]), int(1), int(0), Attr::None, int(3)])],
    errors: Vec::new,
    ..DEF
}
.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&DEF, &BACKWARD, &COPY];

static COPY: OpDef = copying(
    &DEF,
    "slice_copy",
    "Returns a copy of the elements at `start`, `start + step`, … below `end` of `dim`.\n\n\
     Negative bounds count from the end, and bounds outside the dim are moved to its ends, as Python does. \
     Source: PyTorch, `torch.slice_copy`.",
    |inputs, attrs| copied(&DEF, inputs, attrs),
)
.shipped();

/// `x` at `start`, `start + step`, … below `end` of `dim`.
pub fn slice(x: &Tensor, dim: usize, start: usize, end: usize, step: usize) -> Result<Tensor> {
    let attrs = Attrs::new().int(dim as i64).int(start as i64).int(end as i64).int(step as i64);
    invoke::with(&DEF, &[Some(x)], attrs)
}

/// `x` with zeros after its last index of `dim`, so that there are `n`.
#[allow(clippy::disallowed_methods, reason = "by rank")]
pub(crate) fn padded(x: &Tensor, dim: usize, n: usize) -> Result<Tensor> {
    let mut size = x.shape().to_vec();
    let len = std::mem::replace(&mut size[dim], n);
    invoke::with(&BACKWARD, &[Some(x)], Attrs::new().shape(&size).int(dim as i64).int(0).int(len as i64).int(1))
}
