//! Convolution of sequences, as images of one row.

use super::conv2d::{NUMBER_ARGS, WORD_ARGS, body, call, fails, ints};
use crate::invoke;
use adjoint_autograd::{Api, Attr, Attrs, Body, ErrorSample, NodeNaming, OpDef, Sample, Tensor, given};
use adjoint_tensor::{Code, Result};

/// The ops: padding as numbers, and as a word.
pub static DEFS: &[&OpDef] = &[&NUMBERS, &WORD];

/// PyTorch's one op of all convolutions takes batches; the batch of a single sequence is taken off again.
pub fn one_op_for_batches(inputs: &[Option<&Tensor>], _: &Attrs) -> &'static str {
    if given(inputs, 0).is_some_and(|x| x.rank() == 3) { "ConvolutionBackward0" } else { "" }
}

fn samples() -> Vec<Sample> {
    let one = || ints(&[1]);
    vec![
        call("a batch", &[&[2, 2, 6], &[3, 2, 3], &[3]], [one(), ints(&[1]), one(), Attr::Int(1)]),
        call("one sequence", &[&[2, 7], &[3, 2, 2]], [ints(&[2]), ints(&[0]), ints(&[2]), Attr::Int(1)]),
        call("groups", &[&[1, 4, 5], &[2, 2, 2], &[2]], [one(), ints(&[0]), one(), Attr::Int(2)]),
    ]
}

fn errors() -> Vec<ErrorSample> {
    let usual = || [ints(&[1]), ints(&[0]), ints(&[1]), Attr::Int(1)];
    vec![
        fails("channels that differ", &[&[1, 2, 4], &[1, 3, 2]], usual(), Code::Shape, "3 channels, got 2"),
        fails("an input of four dims", &[&[1, 2, 4, 4], &[1, 2, 2]], usual(), Code::Shape, "an input of 3 dims"),
    ]
}

fn word_samples() -> Vec<Sample> {
    vec![call("same", &[&[2, 2, 5], &[3, 2, 4], &[3]], [ints(&[1]), Attr::Choice(1), ints(&[1]), Attr::Int(1)])]
}

const DOC: &str = "Returns the convolution (strictly, the cross-correlation) of sequences with `weight`, plus `bias`.\n\n\
     **Shapes**: `input` `[N, C, L]` or `[C, L]`, `weight` `[F, C / groups, k]`, `bias` `[F]` or absent, result `[N, F, oL]` with \
     `oL = ⌊(L + 2·padding − dilation·(k − 1) − 1) / stride⌋ + 1`. For `padding` as a word, `groups` and cost see `conv2d`, which computes it. \
     Source: PyTorch, `torch.nn.functional.conv1d`.";

/// What both have.
const BOTH: OpDef = OpDef {
    name: "conv1d",
    doc: DOC,
    args: &NUMBER_ARGS,
    surface: &[Api::Function, Api::Functional],
    shown: NodeNaming::of_result(one_op_for_batches),
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, 1)),
    ..OpDef::COMPOSITE
};

static NUMBERS: OpDef = OpDef { samples, errors, ..BOTH }.shipped();

static WORD: OpDef = OpDef { name: "conv1d.padding", args: &WORD_ARGS, samples: word_samples, ..BOTH }.shipped();

/// As the op, of a batch, with `padding` zeros at both ends.
pub fn convolved(x: &Tensor, weight: &Tensor, bias: &Tensor, padding: i64) -> Result<Tensor> {
    let attrs = Attrs::new().ints(&[1]).ints(&[padding]).ints(&[1]).int(1);
    invoke::with(&NUMBERS, &[Some(x), Some(weight), Some(bias)], attrs)
}
