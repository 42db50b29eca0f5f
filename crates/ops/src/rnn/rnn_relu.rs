//! Simple recurrent layers with the positive part.

use crate::shared::rnn::layers::{CELL_ARGS, Cell, PACKED_ARGS, SEQUENCE_ARGS, packed, padded, single};
use crate::shared::rnn::samples;
use adjoint_autograd::{Api, Body, OpDef};

/// The ops: on padded sequences, on packed ones, and one step.
pub static DEFS: &[&OpDef] = &[&SEQUENCES, &PACKED, &CELL];

static SEQUENCES: OpDef = OpDef {
    name: "rnn_relu",
    doc: "Runs a simple recurrent layer over sequences: `h ← relu(x·w_ihᵀ + b_ih + h·w_hhᵀ + b_hh)`.\n\n\
          **Shapes**: `input` is `[T, N, in]`, or `[N, T, in]` with `batchFirst`; hx \
          `[layers · directions, N, hidden]`; the result is the outputs of the last layer, \
          `[T, N, directions · hidden]` or with the batch first, and the last state of every layer. `params` are, \
          for each layer and in it each direction, `w_ih` `[hidden, in]`, `w_hh` `[hidden, hidden]` and with \
          `hasBiases` `b_ih` and `b_hh`. With `train`, elements of what a layer gives the next are 0 with \
          probability `dropout`.\n\n\
          The inputs of all steps are multiplied in one product, and one kernel goes through the steps, forward \
          and back. Source: PyTorch, `torch.rnn_relu`.",
    args: SEQUENCE_ARGS,
    outputs: &["output", "h_n"],
    surface: &[Api::Function],
    body: Body::Composite(|inputs, attrs| padded(Cell::Relu, inputs, attrs)),
    samples: || samples::padded(Cell::Relu),
    errors: || samples::padded_errors(Cell::Relu),
    ..OpDef::COMPOSITE
}
.shipped();

static PACKED: OpDef = OpDef {
    name: "rnn_relu.data",
    doc: "The same on packed sequences: `data` is `[rows, in]`, `batchSizes` says how many sequences have each \
          step.",
    args: PACKED_ARGS,
    outputs: &["output", "h_n"],
    surface: &[Api::Function],
    body: Body::Composite(|inputs, attrs| packed(Cell::Relu, inputs, attrs)),
    by_values: true,
    samples: || samples::packed(Cell::Relu),
    errors: || samples::packed_errors(Cell::Relu),
    ..OpDef::COMPOSITE
}
.shipped();

static CELL: OpDef = OpDef {
    name: "rnn_relu_cell",
    doc: "Does one step of a simple recurrent layer and returns the new state: \
          `h ← relu(x·w_ihᵀ + b_ih + h·w_hhᵀ + b_hh)`.\n\n\
          **Shapes**: `input` is `[N, in]`, `hx` is the state `[N, hidden]`, `wIh` `[hidden, in]`, `wHh` \
          `[hidden, hidden]`, `bIh` and `bHh` `[hidden]` or absent. Source: PyTorch, `torch.rnn_relu_cell`.",
    args: CELL_ARGS,
    surface: &[Api::Function],
    body: Body::Composite(|inputs, _| single(Cell::Relu, inputs)),
    samples: || samples::single(Cell::Relu),
    errors: || samples::single_errors(Cell::Relu),
    ..OpDef::COMPOSITE
}
.shipped();
