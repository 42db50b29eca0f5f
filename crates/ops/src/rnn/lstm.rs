//! Long short-term memory.

use crate::shared::rnn::layers::{Cell, PARAMS, bias, packed, padded, single};
use crate::shared::rnn::samples;
use adjoint_autograd::{Api, Arg, Body, Kind, OpDef};

/// The ops: on padded sequences, on packed ones, and one step.
pub static DEFS: &[&OpDef] = &[&SEQUENCES, &PACKED, &CELL];

static SEQUENCES: OpDef = OpDef {
    name: "_lstm",
    part_of: "lstm",
    doc: "Runs an LSTM over sequences: `i, f, o = σ(x·w_ihᵀ + b_ih + h·w_hhᵀ + b_hh)`, `g = tanh(…)`, \
          `c ← f·c + i·g`, `h ← o · tanh c`, in rows i, f, g, o.\n\n\
          **Shapes**: `input` is `[T, N, in]`, or `[N, T, in]` with `batchFirst`; hx and cx \
          `[layers · directions, N, hidden]`; the result is the outputs of the last layer, \
          `[T, N, directions · hidden]` or with the batch first, and the last state of every layer. `params` are, \
          for each layer and in it each direction, `w_ih` `[4 · hidden, in]`, `w_hh` `[4 · hidden, hidden]` and \
          with `hasBiases` `b_ih` and `b_hh`. With `train`, elements of what a layer gives the next are 0 with \
          probability `dropout`.\n\n\
          The inputs of all steps are multiplied in one product, and one kernel goes through the steps, forward \
          and back. Source: PyTorch, `torch.lstm`.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("hx"),
        Arg::tensor("cx"),
        PARAMS[0],
        PARAMS[1],
        PARAMS[2],
        PARAMS[3],
        PARAMS[4],
        PARAMS[5],
        PARAMS[6],
    ],
    outputs: &["output", "h_n", "c_n"],
    surface: &[],
    body: Body::Composite(|inputs, attrs| padded(Cell::Lstm, inputs, attrs)),
    samples: || samples::padded(Cell::Lstm),
    errors: || samples::padded_errors(Cell::Lstm),
    ..OpDef::COMPOSITE
}
.shipped();

static PACKED: OpDef = OpDef {
    name: "_lstm.data",
    part_of: "lstm",
    doc: "The same on packed sequences: `data` is `[rows, in]`, `batchSizes` says how many sequences have each \
          step.",
    args: &[
        Arg::tensor("data"),
        Arg::tensor("batch_sizes"),
        Arg::tensor("hx"),
        Arg::tensor("cx"),
        PARAMS[0],
        PARAMS[1],
        PARAMS[2],
        PARAMS[3],
        PARAMS[4],
        PARAMS[5],
    ],
    outputs: &["output", "h_n", "c_n"],
    surface: &[],
    body: Body::Composite(|inputs, attrs| packed(Cell::Lstm, inputs, attrs)),
    by_values: true,
    samples: || samples::packed(Cell::Lstm),
    errors: || samples::packed_errors(Cell::Lstm),
    ..OpDef::COMPOSITE
}
.shipped();

static CELL: OpDef = OpDef {
    name: "lstm_cell",
    doc: "Does one step of an LSTM and returns the new states h and c: \
          `i, f, o = σ(x·w_ihᵀ + b_ih + h·w_hhᵀ + b_hh)`, `g = tanh(…)`, `c ← f·c + i·g`, `h ← o · tanh c`, in \
          rows i, f, g, o.\n\n\
          **Shapes**: `input` is `[N, in]`, `hx` are the states h and c, each `[N, hidden]`, `wIh` \
          `[4 · hidden, in]`, `wHh` `[4 · hidden, hidden]`, `bIh` and `bHh` `[4 · hidden]` or absent. Source: \
          PyTorch, `torch.lstm_cell`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("hx", Kind::Tensors),
        Arg::tensor("w_ih"),
        Arg::tensor("w_hh"),
        bias("b_ih"),
        bias("b_hh"),
    ],
    outputs: &["h", "c"],
    surface: &[Api::Function],
    body: Body::Composite(|inputs, _| single(Cell::Lstm, inputs)),
    samples: || samples::single(Cell::Lstm),
    errors: || samples::single_errors(Cell::Lstm),
    ..OpDef::COMPOSITE
}
.shipped();
