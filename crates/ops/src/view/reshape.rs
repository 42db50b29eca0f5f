//! Another shape for the same elements.

use super::view;
use crate::invoke;
use crate::shared::view::infer;
use crate::shared::view::samples::{call, ints};
use adjoint_autograd::{
    Arg, Attrs, Body, Call, Facts, Half, Jvp, Kind, OpDef, Outputs, Sample, Spec, Specs, Tensor, Vjp, required,
};
use adjoint_tensor::{Array, Layout, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    Ok(smallvec![under(x, &infer::shape(attrs.get_ints(0)?, x.numel())?)?])
}

fn under(x: &Tensor, shape: &[usize]) -> Result<Tensor> {
    let op = if x.array().layout().view(shape).is_some() { &view::DEF } else { &COPY };
    invoke::with(op, &[Some(x)], Attrs::new().shape(shape))
}

fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    Ok(Spec::one(infer::shape(call.attrs.get_ints(0)?, x.numel())?, x.dtype()))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let x = call.input(0);
    outs[0].with_layout(Layout::contiguous(x.shape()))?.assign(x)
}

fn copy_samples() -> Vec<Sample> {
    vec![call("a matrix", &[2, 6], [ints(&[3, 4])]), call("an empty tensor", &[2, 0], [ints(&[0, 5])])]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "reshape",
    doc: "Returns the elements of `input`, in row-major order, under another `shape`: a view where the strides allow it, else a \
          copy.\n\n\
          One size may be -1 and is worked out. Fails where the sizes do not multiply to the number of elements. \
          Source: PyTorch, `torch.reshape`.",
    args: &[Arg::tensor("input"), Arg::required("shape", Kind::IntsSpread)],
    body: Body::Composite(body),
    samples: view::samples,
    errors: view::errors,
    ..OpDef::COMPOSITE
}
.shipped();

/// The copy where a view cannot be had; its result is not a view.
static COPY: OpDef = OpDef {
    name: "_unsafe_view",
    part_of: "reshape",
    doc: "A contiguous copy of `input` under another shape of as many elements.",
    args: &[Arg::tensor("input"), Arg::required("size", Kind::Ints)],
    surface: &[],
    node: "UnsafeViewBackward0",
    body: Body::Kernel { rule, run },
    half: Half::Native,
    vjp: Vjp::Fn(view::vjp),
    jvp: Jvp::Linear,
    samples: copy_samples,
    ..OpDef::BASE
}
.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&COPY, &DEF];

/// `x` under another shape of as many elements: itself where it has it, a view where strides allow
/// it, else a copy.
pub fn reshape(x: &Tensor, shape: &[usize]) -> Result<Tensor> {
    if x.shape() == shape {
        return Ok(x.clone());
    }
    under(x, &infer::shape(&shape.iter().map(|&n| n as i64).collect::<Vec<_>>(), x.numel())?)
}
