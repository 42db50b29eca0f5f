//! Radians in degrees.

use crate::shared::elementwise::angles::{ANGLE, scaled};
use adjoint_autograd::{Body, OpDef};
use std::f64::consts::PI;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "rad2deg",
    doc: "Returns radians in degrees: `input · 180 / π`. Integers are computed in float32. Source: PyTorch, `torch.rad2deg`.",
    body: Body::Composite(|inputs, _| scaled(inputs, 180.0 / PI)),
    ..ANGLE
}
.shipped();
