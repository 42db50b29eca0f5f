//! The elements of pooled volumes back at their places.

use super::max_pool2d::ints;
use super::max_unpool2d::{ARGS, body, sample};
use adjoint_autograd::{Api, Attr, Body, ErrorSample, OpDef, Sample};
use adjoint_tensor::Code;

fn attrs() -> [Attr; 4] {
    [ints(&[2]), Attr::None, ints(&[0]), Attr::None]
}

fn samples() -> Vec<Sample> {
    vec![sample("one element each", &[2, 1, 1, 1], attrs())]
}

fn errors() -> Vec<ErrorSample> {
    let sample = sample("an input of three dims", &[2, 2, 2], attrs());
    vec![ErrorSample { sample, code: Code::Shape, message: "an input of 5 dims" }]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "max_unpool3d",
    doc: "Returns volumes of zeros with the elements of `input` at the places `indices`, those that `maxPool3d` with `returnIndices` gave.\n\n\
          **Shapes**: `input` and `indices` (int64) `[N, C, D, H, W]` or `[C, D, H, W]`; for the rest see `maxUnpool2d`. \
          Source: PyTorch, `torch.nn.functional.max_unpool3d`.",
    args: &ARGS,
    surface: &[Api::Functional],
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, 3)),
    samples,
    errors,
    ..OpDef::COMPOSITE
}
.shipped();
