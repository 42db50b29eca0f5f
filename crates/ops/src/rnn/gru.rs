//! Gated recurrent units.

use crate::shared::rnn::layers::{CELL_ARGS, Cell, PACKED_ARGS, SEQUENCE_ARGS, packed, padded, single};
use crate::shared::rnn::samples;
use adjoint_autograd::{Api, Body, OpDef};

/// The ops: on padded sequences, on packed ones, and one step.
pub static DEFS: &[&OpDef] = &[&SEQUENCES, &PACKED, &CELL];

static SEQUENCES: OpDef = OpDef {
    name: "gru",
    doc: "Runs a GRU over sequences: `r, z = σ(x·w_ihᵀ + b_ih + h·w_hhᵀ + b_hh)`, \
          `n = tanh(x·w_ihᵀ + b_ih + r · (h·w_hhᵀ + b_hh))`, `h ← (1 − z)·n + z·h`, in rows r, z, n.\n\n\
          **Shapes**: `input` is `[T, N, in]`, or `[N, T, in]` with `batchFirst`; hx \
          `[layers · directions, N, hidden]`; the result is the outputs of the last layer, \
          `[T, N, directions · hidden]` or with the batch first, and the last state of every layer. `params` are, \
          for each layer and in it each direction, `w_ih` `[3 · hidden, in]`, `w_hh` `[3 · hidden, hidden]` and \
          with `hasBiases` `b_ih` and `b_hh`. With `train`, elements of what a layer gives the next are 0 with \
          probability `dropout`.\n\n\
          The inputs of all steps are multiplied in one product, and one kernel goes through the steps, forward \
          and back. Source: PyTorch, `torch.gru`.",
    args: SEQUENCE_ARGS,
    outputs: &["output", "h_n"],
    surface: &[Api::Function],
    body: Body::Composite(|inputs, attrs| padded(Cell::Gru, inputs, attrs)),
    samples: || samples::padded(Cell::Gru),
    errors: || samples::padded_errors(Cell::Gru),
    ..OpDef::COMPOSITE
}
.shipped();

static PACKED: OpDef = OpDef {
    name: "gru.data",
    doc: "The same on packed sequences: `data` is `[rows, in]`, `batchSizes` says how many sequences have each \
          step.",
    args: PACKED_ARGS,
    outputs: &["output", "h_n"],
    surface: &[Api::Function],
    body: Body::Composite(|inputs, attrs| packed(Cell::Gru, inputs, attrs)),
    by_values: true,
    samples: || samples::packed(Cell::Gru),
    errors: || samples::packed_errors(Cell::Gru),
    ..OpDef::COMPOSITE
}
.shipped();

static CELL: OpDef = OpDef {
    name: "gru_cell",
    doc: "Does one step of a GRU and returns the new state: `r, z = σ(x·w_ihᵀ + b_ih + h·w_hhᵀ + b_hh)`, \
          `n = tanh(x·w_ihᵀ + b_ih + r · (h·w_hhᵀ + b_hh))`, `h ← (1 − z)·n + z·h`, in rows r, z, n.\n\n\
          **Shapes**: `input` is `[N, in]`, `hx` is the state `[N, hidden]`, `wIh` `[3 · hidden, in]`, `wHh` \
          `[3 · hidden, hidden]`, `bIh` and `bHh` `[3 · hidden]` or absent. Source: PyTorch, `torch.gru_cell`.",
    args: CELL_ARGS,
    surface: &[Api::Function],
    body: Body::Composite(|inputs, _| single(Cell::Gru, inputs)),
    samples: || samples::single(Cell::Gru),
    errors: || samples::single_errors(Cell::Gru),
    ..OpDef::COMPOSITE
}
.shipped();
