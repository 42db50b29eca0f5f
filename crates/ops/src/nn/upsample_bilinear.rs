//! PyTorch's older name of a mode of `interpolate`.

use super::interpolate::interpolate;
use super::upsample_nearest::ARGS;
use crate::shared::view::samples::{call, fails, ints};
use adjoint_autograd::{Api, Attr, Body, OpDef, required};
use adjoint_tensor::Code;
use smallvec::smallvec;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "upsample_bilinear",
    doc: "Returns `interpolate` with mode \"bilinear\" and corners aligned, which is its newer name. \
          Source: PyTorch, `torch.nn.functional.upsample_bilinear`.",
    args: &ARGS,
    surface: &[Api::Functional],
    body: Body::Composite(|inputs, attrs| {
        Ok(smallvec![interpolate(required(inputs, 0), attrs.get(0), attrs.get(1), "bilinear", Attr::Bool(true))?])
    }),
    samples: || vec![call("a size", &[1, 1, 2, 3], [ints(&[3, 4]), Attr::None])],
    errors: || vec![fails(call("sequences", &[1, 1, 2], [ints(&[3]), Attr::None]), Code::Shape, "4 for bilinear")],
    ..OpDef::COMPOSITE
}
.shipped();
