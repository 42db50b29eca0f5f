//! The greatest element of each window of sequences, as images of one row.

use super::max_pool2d::{ARGS, INDEX_ARGS, body, call, ints};
use adjoint_autograd::{Api, Attr, Body, ErrorSample, OpDef, Sample};
use adjoint_tensor::Code;

/// The ops: without and with indices.
pub static DEFS: &[&OpDef] = &[&VALUES, &INDICES];

fn attrs(padding: i64) -> Vec<Attr> {
    vec![ints(&[3]), ints(&[2]), ints(&[padding]), ints(&[1]), Attr::Bool(true)]
}

fn samples() -> Vec<Sample> {
    vec![call("a batch", &[2, 2, 6], attrs(1)), call("one sequence", &[2, 7], attrs(0))]
}

fn errors() -> Vec<ErrorSample> {
    let sample = call("an input of four dims", &[1, 2, 3, 4], attrs(0));
    vec![ErrorSample { sample, code: Code::Shape, message: "an input of 3 dims" }]
}

fn index_samples() -> Vec<Sample> {
    let mut attrs = attrs(1);
    attrs.push(Attr::Bool(true));
    vec![call("with indices", &[2, 2, 6], attrs)]
}

/// What both have.
const BOTH: OpDef = OpDef {
    name: "max_pool1d",
    doc: "Returns the greatest element of each window of sequences.\n\n\
          **Shapes**: `input` `[N, C, L]` or `[C, L]`, result `[N, C, oL]`; for the rest see `maxPool2d`, which computes it. Source: PyTorch, \
          `torch.nn.functional.max_pool1d`.",
    args: &ARGS,
    surface: &[Api::Function, Api::Functional],
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, 1)),
    ..OpDef::COMPOSITE
};

static VALUES: OpDef = OpDef { samples, errors, ..BOTH }.shipped();

static INDICES: OpDef = OpDef {
    name: "max_pool1d.indices",
    args: &INDEX_ARGS,
    outputs: &["values", "indices"],
    samples: index_samples,
    ..BOTH
}
.shipped();
