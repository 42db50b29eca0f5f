//! Other names of `transpose`.

use crate::invoke;
use crate::view::transpose;
use adjoint_autograd::{Body, OpDef};
use smallvec::smallvec;

/// What they have of it.
pub const SWAPPED: OpDef = OpDef {
    body: Body::Composite(|inputs, attrs| Ok(smallvec![invoke::with(&transpose::DEF, inputs, attrs.clone())?])),
    samples: || (transpose::DEF.samples)(),
    errors: || (transpose::DEF.errors)(),
    ..OpDef::COMPOSITE
};
