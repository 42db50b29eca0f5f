//! Operators with their operands exchanged: Python's `other + x`.

use crate::shared::samples;
use adjoint_autograd::{Api, Arg, OpDef, Outputs, Sample, SampleTensor, Tensor};
use adjoint_tensor::{Error, Result};
use smallvec::smallvec;

/// What all of them have.
pub const REVERSED: OpDef = OpDef {
    args: &[Arg::tensor("input"), Arg::number("other")],
    surface: &[Api::Method],
    samples: samples::binary,
    ..OpDef::COMPOSITE
};

/// `op` of the second operand and the first.
pub fn exchanged(inputs: &[Option<&Tensor>], op: fn(&Tensor, &Tensor) -> Result<Tensor>) -> Result<Outputs> {
    match *inputs {
        [Some(x), Some(other)] => Ok(smallvec![op(other, x)?]),
        _ => Err(Error::usage("expected two tensors")),
    }
}

/// Operands that may be divided by, and raised to powers.
pub fn positive() -> Vec<Sample> {
    samples::binary_in((0.4, 2.0), (0.4, 2.0), &[])
}

/// Operands that have bits.
pub fn integers() -> Vec<Sample> {
    let x = || SampleTensor::ints(&[2, 3], -9, 9).into();
    vec![Sample::new("equal shapes", vec![x(), x()])]
}
