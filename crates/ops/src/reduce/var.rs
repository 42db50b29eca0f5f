//! The variance.

use super::moments;
use crate::invoke;
use adjoint_autograd::{Attrs, Backward, Body, Call, Class, Grads, Half, OpDef, Saves, Tensor, Vjp};
use adjoint_tensor::{Array, Result};
use smallvec::smallvec;

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let mut mean = Array::empty(outs[0].shape(), outs[0].dtype())?;
    moments::var_mean_into(call, &mut outs[0], &mut mean)
}

fn vjp(b: &Backward) -> Result<Grads> {
    Ok(smallvec![Some(moments::var_gradient(b.g(), &b.input(0)?, b.attrs())?)])
}

const DOC: &str = "Returns the variance of `input`.\n\n\
     `Σ (x − mean)² / (n − correction)` over `dim`, a dim, a list of dims, or absent for all; `unbiased` is a correction of 1 \
     (the default) or 0. Two passes, so a large common offset does not cancel. NaN where nothing is left to divide by. Reduced dims \
     disappear unless `keepdim`. Floats only. Source: PyTorch, `torch.var`.";

/// The ops: the overloads, and what they become.
pub static DEFS: &[&OpDef] = &[&VAR, &VAR_DIM, &VAR_CORRECTION, &INNER];

static VAR: OpDef = OpDef {
    name: "var",
    doc: DOC,
    args: moments::UNBIASED,
    body: Body::Composite(|inputs, attrs| moments::by_unbiased(&INNER, inputs, attrs)),
    half: Half::Once,
    ..OpDef::COMPOSITE
}
.shipped();

static VAR_DIM: OpDef = OpDef {
    name: "var.dim",
    doc: DOC,
    args: moments::DIM,
    body: Body::Composite(|inputs, attrs| moments::by_dim(&INNER, inputs, attrs)),
    half: Half::Once,
    ..OpDef::COMPOSITE
}
.shipped();

static VAR_CORRECTION: OpDef = OpDef {
    name: "var.correction",
    doc: DOC,
    args: moments::CORRECTION,
    body: Body::Composite(|inputs, attrs| moments::by_correction(&INNER, inputs, attrs)),
    half: Half::Once,
    ..OpDef::COMPOSITE
}
.shipped();

static INNER: OpDef = OpDef {
    name: "_var",
    part_of: "var",
    doc: DOC,
    args: moments::INNER,
    class: Class::Reduce,
    node: "VarBackward0",
    surface: &[],
    body: Body::Kernel { rule: |call| Ok(smallvec![moments::spec(call)?]), run },
    vjp: Vjp::Fn(vjp),
    saves: Saves::INPUT,
    samples: moments::samples,
    errors: moments::errors,
    ..OpDef::BASE
}
.shipped();

/// The variance over `dims`, all where there are none.
pub fn var(x: &Tensor, dims: &[usize], correction: f64, keepdim: bool) -> Result<Tensor> {
    invoke::with(&INNER, &[Some(x)], Attrs::new().shape(dims).float(correction).bool(keepdim))
}
