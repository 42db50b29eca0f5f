//! Degrees in radians.

use crate::shared::elementwise::angles::{ANGLE, scaled};
use adjoint_autograd::{Body, OpDef};
use std::f64::consts::PI;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "deg2rad",
    doc: "Returns degrees in radians: `input · π / 180`. Integers are computed in float32. Source: PyTorch, `torch.deg2rad`.",
    body: Body::Composite(|inputs, _| scaled(inputs, PI / 180.0)),
    ..ANGLE
}
.shipped();
