//! A gradient as a function of an input in which it is flat: see
//! [`adjoint_autograd::OpDef::flat`], for which the engine calls this.

use crate::invoke;
use adjoint_autograd::{
    Arg, Backward, Body, Call, Facts, Grads, Half, Jvp, OpDef, Sample, SampleTensor, Spec, Specs, Tensor, Vjp, modes,
};
use adjoint_tensor::{Array, Result};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    Ok(Spec::like(call.input(0), call.input(0).dtype()))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    outs[0].assign(call.input(0))
}

fn vjp(b: &Backward) -> Result<Grads> {
    Ok(smallvec![b.wants(0).then(|| b.g().clone()), None])
}

/// `y` as a function of `x`, too, by which its derivative is zero: what does not depend on `x` at
/// all gets a gradient of zero where PyTorch gives one.
pub fn flat(y: Tensor, x: &Tensor) -> Result<Tensor> {
    if modes::recording() && x.requires_grad() { invoke::binary(&DEF, &y, x) } else { Ok(y) }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "_flat",
    part_of: "grad",
    doc: "Returns `grad` as a function of `input`, by which its derivative is zero.",
    args: &[Arg::tensor("grad"), Arg::tensor("input")],
    node: "FlatBackward0",
    surface: &[],
    body: Body::Kernel { rule, run },
    half: Half::Native,
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    zero_derivatives: 0b10,
    samples: || {
        let t = |shape: &[usize]| SampleTensor::new(shape).into();
        vec![Sample::new("a matrix", vec![t(&[2, 3]), t(&[2, 3])]), Sample::new("other shapes", vec![t(&[2]), t(&[])])]
    },
    ..OpDef::BASE
}
.shipped();
