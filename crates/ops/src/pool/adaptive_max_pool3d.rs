//! The greatest elements of as many windows of volumes as are asked for.

use super::adaptive_avg_pool2d::ARGS;
use super::adaptive_max_pool2d::{INDEX_ARGS, body};
use super::max_pool2d::{call, ints};
use adjoint_autograd::attrs::NULL_SIZE;
use adjoint_autograd::{Api, Attr, Body, ErrorSample, OpDef, Sample};
use adjoint_tensor::Code;

/// The ops: without and with indices.
pub static DEFS: &[&OpDef] = &[&VALUES, &INDICES];

fn samples() -> Vec<Sample> {
    vec![
        call("a batch", &[1, 2, 3, 4, 3], vec![ints(&[2, 2, 1])]),
        call("one of volumes", &[2, 2, 3, 2], vec![ints(&[NULL_SIZE, 2, 3])]),
    ]
}

fn errors() -> Vec<ErrorSample> {
    let sample = call("an input of three dims", &[2, 2, 2], vec![ints(&[1])]);
    vec![ErrorSample { sample, code: Code::Shape, message: "an input of 5 dims" }]
}

/// What both have.
const BOTH: OpDef = OpDef {
    name: "adaptive_max_pool3d",
    doc: "Returns the greatest elements of `outputSize` windows that cover volumes evenly.\n\n\
          **Shapes**: `input` `[N, C, D, H, W]` or `[C, D, H, W]`, `outputSize` one number or three, depth first, result `[N, C, oD, oH, oW]`; for the rest see `adaptiveMaxPool2d`. \
          Source: PyTorch, `torch.nn.functional.adaptive_max_pool3d`.",
    args: &ARGS,
    surface: &[Api::Functional],
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, 3)),
    ..OpDef::COMPOSITE
};

static VALUES: OpDef = OpDef { samples, errors, ..BOTH }.shipped();

static INDICES: OpDef = OpDef {
    name: "adaptive_max_pool3d.indices",
    args: &INDEX_ARGS,
    outputs: &["values", "indices"],
    samples: || vec![call("with indices", &[1, 2, 3, 2, 4], vec![ints(&[2]), Attr::Bool(true)])],
    ..BOTH
}
.shipped();
