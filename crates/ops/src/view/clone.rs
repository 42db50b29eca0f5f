//! A copy.

use crate::invoke;
use crate::shared::samples;
use crate::shared::view::memory_format;
use adjoint_autograd::{
    Arg, Arrays, Attr, Attrs, Backward, Batching, Body, Call, Facts, Grads, Half, Jvp, OpDef, Specs, Tensor, Vjp,
};
use adjoint_tensor::batch::BatchDim;
use adjoint_tensor::{Array, Result};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    Ok(memory_format::like(call, 0, x.dtype()))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    outs[0].assign(call.input(0))
}

fn samples_at_once(call: &Call, all: &[BatchDim], specs: &Specs) -> Result<Option<Arrays>> {
    let out = specs[0].batched(all)?;
    out.assign(call.input(0))?;
    Ok(Some(smallvec![out]))
}

fn vjp(b: &Backward) -> Result<Grads> {
    Ok(smallvec![Some(b.g().clone())])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "clone",
    doc: "Returns a copy of `input` with its own memory. The gradient flows through.\n\n\
          The strides are those of `input` without gaps, row-major with `contiguous_format`. Source: PyTorch, `torch.clone`.",
    args: &[Arg::tensor("input"), memory_format::ARG],
    node: "CloneBackward0",
    body: Body::Kernel { rule, run },
    batching: &Batching::Rule(samples_at_once),
    half: Half::Native,
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    samples: samples::unary,
    ..OpDef::BASE
}
.shipped();

/// A copy of `x`.
pub fn clone(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}

/// A row-major copy of `x`.
pub fn clone_contiguous(x: &Tensor) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().with(Attr::Choice(memory_format::CONTIGUOUS)))
}
