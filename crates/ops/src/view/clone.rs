//! A copy.

use crate::{invoke, samples};
use adjoint_autograd::{Arg, Backward, Body, Call, Grads, Half, Jvp, OpDef, Spec, Specs, Tensor, Vjp};
use adjoint_tensor::{Array, Result};
use smallvec::smallvec;

fn rule(call: &Call) -> Result<Specs> {
    let x = call.input(0);
    Ok(Spec::one(x.shape(), x.dtype()))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    outs[0].assign(call.input(0))
}

fn vjp(b: &Backward) -> Result<Grads> {
    Ok(smallvec![Some(b.g().clone())])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "clone",
    doc: "Returns a contiguous copy of `input` with its own memory. The gradient flows through. Source: PyTorch, `torch.clone`.",
    args: &[Arg::tensor("input")],
    node: "CloneBackward0",
    body: Body::Kernel { rule, run },
    half: Half::Native,
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    samples: samples::unary,
    ..OpDef::BASE
}
.shipped();

/// A contiguous copy of `x`.
pub fn clone(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
