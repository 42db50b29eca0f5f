//! The standard deviation.

use super::moments;
use crate::invoke;
use adjoint_autograd::{Attrs, Backward, Body, Call, Class, Grads, Half, OpDef, Saves, Tensor, Vjp};
use adjoint_tensor::{Array, Result};
use smallvec::smallvec;

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let mut mean = Array::empty(outs[0].shape(), outs[0].dtype())?;
    moments::std_mean_into(call, &mut outs[0], &mut mean)
}

fn vjp(b: &Backward) -> Result<Grads> {
    Ok(smallvec![Some(moments::std_gradient(b.g(), &b.input(0)?, &b.output(0)?, b.attrs())?)])
}

const DOC: &str = "Returns the standard deviation of `input`, the square root of its variance; where it is 0, so is the gradient.\n\n\
     `Σ (x − mean)² / (n − correction)` over `dim`, a dim, a list of dims, or absent for all; `unbiased` is a correction of 1 \
     (the default) or 0. Two passes, so a large common offset does not cancel. NaN where nothing is left to divide by. Reduced dims \
     disappear unless `keepdim`. Floats only. Source: PyTorch, `torch.std`.";

/// The ops: the overloads, and what they become.
pub static DEFS: &[&OpDef] = &[&STD, &STD_DIM, &STD_CORRECTION, &INNER];

static STD: OpDef = OpDef {
    name: "std",
    doc: DOC,
    args: moments::UNBIASED,
    body: Body::Composite(|inputs, attrs| moments::by_unbiased(&INNER, inputs, attrs)),
    half: Half::Once,
    ..OpDef::COMPOSITE
}
.shipped();

static STD_DIM: OpDef = OpDef {
    name: "std.dim",
    doc: DOC,
    args: moments::DIM,
    body: Body::Composite(|inputs, attrs| moments::by_dim(&INNER, inputs, attrs)),
    half: Half::Once,
    ..OpDef::COMPOSITE
}
.shipped();

static STD_CORRECTION: OpDef = OpDef {
    name: "std.correction",
    doc: DOC,
    args: moments::CORRECTION,
    body: Body::Composite(|inputs, attrs| moments::by_correction(&INNER, inputs, attrs)),
    half: Half::Once,
    ..OpDef::COMPOSITE
}
.shipped();

static INNER: OpDef = OpDef {
    name: "_std",
    part_of: "std",
    doc: DOC,
    args: moments::INNER,
    class: Class::Reduce,
    node: "StdBackward0",
    surface: &[],
    body: Body::Kernel { rule: |call| Ok(smallvec![moments::spec(call)?]), run },
    vjp: Vjp::Fn(vjp),
    saves: Saves::BOTH,
    samples: moments::samples,
    errors: moments::errors,
    ..OpDef::BASE
}
.shipped();

/// The standard deviation over `dims`, all where there are none.
pub fn std(x: &Tensor, dims: &[usize], correction: f64, keepdim: bool) -> Result<Tensor> {
    invoke::with(&INNER, &[Some(x)], Attrs::new().shape(dims).float(correction).bool(keepdim))
}
