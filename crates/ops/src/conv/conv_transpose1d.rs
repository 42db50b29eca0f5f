//! Transposed convolution of sequences, as images of one row.

use super::conv_transpose2d::{ARGS, body, call};
use super::conv1d::one_op_for_batches;
use adjoint_autograd::{Api, Body, NodeNaming, OpDef, Sample};

fn samples() -> Vec<Sample> {
    vec![
        call("a batch", &[&[2, 2, 4], &[2, 3, 3], &[3]], [&[2], &[1], &[1], &[1], &[1]]),
        call("one sequence", &[&[2, 3], &[2, 2, 2]], [&[1], &[0], &[0], &[2], &[2]]),
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "conv_transpose1d",
    doc: "Returns the transposed convolution of sequences with `weight`, plus `bias`.\n\n\
          **Shapes**: `input` `[N, C, L]` or `[C, L]`, `weight` `[C, F / groups, k]`, `bias` `[F]` or absent, result `[N, F, oL]` with \
          `oL = (L − 1)·stride − 2·padding + dilation·(k − 1) + outputPadding + 1`; see `convTranspose2d`. Source: PyTorch, \
          `torch.nn.functional.conv_transpose1d`.",
    args: ARGS,
    surface: &[Api::Function, Api::Functional],
    shown: NodeNaming::of_result(one_op_for_batches),
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, 1)),
    samples,
    ..OpDef::COMPOSITE
}
.shipped();
