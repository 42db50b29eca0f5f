//! Degrees and radians.

use super::mul::mul;
use super::to::to;
use crate::{invoke, samples};
use adjoint_autograd::{Arg, Body, OpDef, Outputs, Tensor};
use adjoint_tensor::{Error, Result, promotion};
use smallvec::smallvec;

fn scaled(inputs: &[Option<&Tensor>], factor: f64) -> Result<Outputs> {
    let x = inputs[0].ok_or_else(|| Error::usage("expected a tensor"))?;
    let dtype = promotion::to_float(x.dtype());
    Ok(smallvec![mul(&to(x, dtype)?, &invoke::number(factor)?)?])
}

macro_rules! angle {
    ($name:literal, $doc:literal, $factor:expr) => {
        &OpDef {
            name: $name,
            doc: concat!($doc, " Integers are computed in float32. Source: PyTorch, `torch.", $name, "`."),
            args: &[Arg::tensor("input")],
            in_place: true,
            body: Body::Composite(|inputs, _| scaled(inputs, $factor)),
            samples: samples::unary,
            ..OpDef::COMPOSITE
        }
        .shipped()
    };
}

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[
    angle!("deg2rad", "Returns degrees in radians: `input · π / 180`.", std::f64::consts::PI / 180.0),
    angle!("rad2deg", "Returns radians in degrees: `input · 180 / π`.", 180.0 / std::f64::consts::PI),
];
