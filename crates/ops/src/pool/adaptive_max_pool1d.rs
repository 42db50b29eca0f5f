//! The greatest elements of as many windows of sequences as are asked for.

use super::adaptive_avg_pool2d::ARGS;
use super::adaptive_max_pool2d::{INDEX_ARGS, body};
use super::max_pool2d::{call, ints};
use adjoint_autograd::{Api, Attr, Body, ErrorSample, OpDef, Sample};
use adjoint_tensor::Code;

/// The ops: without and with indices.
pub static DEFS: &[&OpDef] = &[&VALUES, &INDICES];

fn samples() -> Vec<Sample> {
    vec![call("a batch", &[2, 2, 5], vec![ints(&[3])]), call("one of sequences", &[2, 4], vec![ints(&[2])])]
}

fn errors() -> Vec<ErrorSample> {
    let sample = call("an input of one dim", &[2], vec![ints(&[1])]);
    vec![ErrorSample { sample, code: Code::Shape, message: "an input of 3 dims" }]
}

/// What both have.
const BOTH: OpDef = OpDef {
    name: "adaptive_max_pool1d",
    doc: "Returns the greatest elements of `outputSize` windows that cover sequences evenly.\n\n\
          **Shapes**: `input` `[N, C, L]` or `[C, L]`, result `[N, C, outputSize]`; for the rest see `adaptiveMaxPool2d`. \
          Source: PyTorch, `torch.nn.functional.adaptive_max_pool1d`.",
    args: &ARGS,
    surface: &[Api::Functional],
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, 1)),
    ..OpDef::COMPOSITE
};

static VALUES: OpDef = OpDef { samples, errors, ..BOTH }.shipped();

static INDICES: OpDef = OpDef {
    name: "adaptive_max_pool1d.indices",
    args: &INDEX_ARGS,
    outputs: &["values", "indices"],
    samples: || vec![call("with indices", &[2, 2, 5], vec![ints(&[2]), Attr::Bool(true)])],
    ..BOTH
}
.shipped();
