//! Means over as many windows of sequences as are asked for.

use super::adaptive_avg_pool2d::{ARGS, body};
use super::max_pool2d::{call, ints};
use adjoint_autograd::{Api, Body, OpDef, Sample};

fn samples() -> Vec<Sample> {
    vec![call("a batch", &[2, 2, 5], vec![ints(&[3])]), call("one sequence", &[2, 4], vec![ints(&[2])])]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "adaptive_avg_pool1d",
    doc: "Returns the means over `outputSize` windows that cover sequences evenly.\n\n\
          **Shapes**: `input` `[N, C, L]` or `[C, L]`, result `[N, C, outputSize]`; see `adaptiveAvgPool2d`. Source: PyTorch, \
          `torch.nn.functional.adaptive_avg_pool1d`.",
    args: &ARGS,
    surface: &[Api::Function, Api::Functional],
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, 1)),
    samples,
    ..OpDef::COMPOSITE
}
.shipped();
