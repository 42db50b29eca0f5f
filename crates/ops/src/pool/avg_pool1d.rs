//! Means over windows of sequences, as images of one row.

use super::avg_pool2d::{ARGS, body};
use super::max_pool2d::{call, ints};
use adjoint_autograd::{Api, Attr, Body, OpDef, Sample};

fn samples() -> Vec<Sample> {
    let rest =
        |padding: i64, include| vec![ints(&[3]), ints(&[2]), ints(&[padding]), Attr::Bool(true), Attr::Bool(include)];
    vec![call("a batch", &[2, 2, 6], rest(1, true)), call("one sequence", &[2, 7], rest(1, false))]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "avg_pool1d",
    doc: "Returns the mean over each window of sequences.\n\n\
          **Shapes**: `input` `[N, C, L]` or `[C, L]`, result `[N, C, oL]`; for the rest see `avgPool2d`. Source: PyTorch, \
          `torch.nn.functional.avg_pool1d`.",
    args: ARGS.split_at(6).0,
    surface: &[Api::Function, Api::Functional],
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, 1)),
    samples,
    ..OpDef::COMPOSITE
}
.shipped();
