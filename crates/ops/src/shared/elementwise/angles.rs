//! Degrees and radians.

use crate::elementwise::{mul::mul, to::to};
use crate::invoke;
use crate::shared::samples;
use adjoint_autograd::{Arg, OpDef, Outputs, Tensor};
use adjoint_tensor::{Error, Result, promotion};
use smallvec::smallvec;

/// What both ops have.
pub const ANGLE: OpDef =
    OpDef { args: &[Arg::tensor("input")], in_place: true, samples: samples::unary, ..OpDef::COMPOSITE };

/// The angles times a factor; integers become floats.
pub fn scaled(inputs: &[Option<&Tensor>], factor: f64) -> Result<Outputs> {
    let x = inputs[0].ok_or_else(|| Error::usage("expected a tensor"))?;
    let dtype = promotion::to_float(x.dtype());
    Ok(smallvec![mul(&to(x, dtype)?, &invoke::number(factor)?)?])
}
