//! The elements of pooled sequences back at their places.

use super::max_pool2d::ints;
use super::max_unpool2d::{ARGS, body, sample};
use adjoint_autograd::{Api, Attr, Body, ErrorSample, OpDef, Sample};
use adjoint_tensor::Code;

fn attrs() -> [Attr; 4] {
    [ints(&[4]), Attr::None, ints(&[0]), Attr::None]
}

fn samples() -> Vec<Sample> {
    vec![sample("one element each", &[2, 2, 1], attrs())]
}

fn errors() -> Vec<ErrorSample> {
    let sample = sample("an input of one dim", &[2], attrs());
    vec![ErrorSample { sample, code: Code::Shape, message: "an input of 3 dims" }]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "max_unpool1d",
    doc: "Returns sequences of zeros with the elements of `input` at the places `indices`, those that `maxPool1d` with `returnIndices` gave.\n\n\
          **Shapes**: `input` and `indices` (int64) `[N, C, L]` or `[C, L]`; for the rest see `maxUnpool2d`. \
          Source: PyTorch, `torch.nn.functional.max_unpool1d`.",
    args: &ARGS,
    surface: &[Api::Functional],
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, 1)),
    samples,
    errors,
    ..OpDef::COMPOSITE
}
.shipped();
