//! Calls of recurrent ops that tests make.

use crate::shared::rnn::layers::Cell;
use adjoint_autograd::{Attr, ErrorSample, Sample, SampleArg, SampleTensor};
use adjoint_tensor::Code;

fn t(shape: &[usize]) -> SampleTensor {
    SampleTensor::new(shape).range(-1.0, 1.0)
}

/// The weights of a layer in one direction, for inputs of `inputs` and a state of 2.
fn weights(cell: Cell, inputs: usize) -> [SampleTensor; 4] {
    let rows = 2 * cell.gates();
    [t(&[rows, inputs]), t(&[rows, 2]), t(&[rows]), t(&[rows])]
}

fn flags(layers: i64, both: bool) -> [SampleArg; 5] {
    [Attr::Bool(true), Attr::Int(layers), Attr::Float(0.0), Attr::Bool(true), Attr::Bool(both)].map(SampleArg::from)
}

/// A call on two sequences of `lead`: `[steps, 2]`, or the other way around where the batch is
/// first.
fn sequences(cell: Cell, label: &str, lead: [usize; 2], layers: usize, both: bool, batch_first: bool) -> Sample {
    let directions = 1 + usize::from(both);
    let mut list = Vec::new();
    for l in 0..layers {
        for _ in 0..directions {
            list.extend(weights(cell, if l == 0 { 3 } else { 2 * directions }).map(Some));
        }
    }
    let mut args: Vec<SampleArg> = vec![t(&[lead[0], lead[1], 3]).into()];
    args.extend((0..cell.states()).map(|_| t(&[layers * directions, 2, 2]).into()));
    args.push(SampleArg::Tensors(list));
    args.extend(flags(layers as i64, both));
    args.push(Attr::Bool(batch_first).into());
    Sample::new(label, args)
}

/// Of padded sequences.
pub fn padded(cell: Cell) -> Vec<Sample> {
    let all = vec![
        sequences(cell, "three steps", [3, 2], 1, false, false),
        sequences(cell, "two layers in both directions, the batch first", [2, 2], 2, true, true),
    ];
    if cell == Cell::Relu { all.into_iter().map(Sample::kink).collect() } else { all }
}

/// Of padded sequences that fail.
pub fn padded_errors(cell: Cell) -> Vec<ErrorSample> {
    let e = |sample, code, message| ErrorSample { sample, code, message };
    let mut few = sequences(cell, "weights of another layer too few", [2, 2], 1, false, false);
    few.args[1 + cell.states() + 2] = Attr::Int(2).into();
    vec![
        e(sequences(cell, "no steps", [0, 2], 1, false, false), Code::Shape, "at least 1 step"),
        e(
            sequences(cell, "states of another batch", [2, 3], 1, false, false),
            Code::Shape,
            "expected hx of shape [1, 3, size]",
        ),
        e(few, Code::Shape, "expected hx of shape [2, 2, size]"),
    ]
}

/// Of packed sequences, two of two steps.
pub fn packed(cell: Cell) -> Vec<Sample> {
    let mut args: Vec<SampleArg> = vec![t(&[4, 3]).into(), SampleTensor::ints(&[2], 2, 2).into()];
    args.extend((0..cell.states()).map(|_| t(&[1, 2, 2]).into()));
    args.push(SampleArg::Tensors(weights(cell, 3).map(Some).into()));
    args.extend(flags(1, false));
    let sample = Sample::new("packed", args);
    vec![if cell == Cell::Relu { sample.kink() } else { sample }]
}

/// Of one step; the states of an LSTM are a list.
pub fn single(cell: Cell) -> Vec<Sample> {
    let state = || t(&[2, 2]);
    let mut args: Vec<SampleArg> = vec![t(&[2, 3]).into()];
    args.push(if cell == Cell::Lstm { SampleArg::Tensors(vec![Some(state()), Some(state())]) } else { state().into() });
    args.extend(weights(cell, 3).map(SampleArg::from));
    let sample = Sample::new("a batch", args);
    vec![if cell == Cell::Relu { sample.kink() } else { sample }]
}

/// Of one step that fail.
pub fn single_errors(cell: Cell) -> Vec<ErrorSample> {
    let mut wide = single(cell).swap_remove(0);
    wide.label = "a weight of other inputs".into();
    wide.args[2] = t(&[2 * cell.gates(), 4]).into();
    let mut other = single(cell).swap_remove(0);
    other.label = "states of another batch".into();
    let state = || t(&[3, 2]);
    other.args[1] =
        if cell == Cell::Lstm { SampleArg::Tensors(vec![Some(state()), Some(state())]) } else { state().into() };
    let mut all = vec![
        ErrorSample { sample: wide, code: Code::Shape, message: "expected the weight of the input of shape" },
        ErrorSample { sample: other, code: Code::Shape, message: "states with as many rows" },
    ];
    if cell == Cell::Lstm {
        let mut uneven = single(cell).swap_remove(0);
        uneven.label = "states of two sizes".into();
        uneven.args[1] = SampleArg::Tensors(vec![Some(t(&[2, 3])), Some(t(&[2, 2]))]);
        all.push(ErrorSample { sample: uneven, code: Code::Shape, message: "states of one size, got 3 and 2" });
    }
    all
}

/// Of packed sequences that fail: sizes that do not add up to the rows.
pub fn packed_errors(cell: Cell) -> Vec<ErrorSample> {
    let mut sample = packed(cell).swap_remove(0);
    sample.label = "sizes that do not add up".into();
    sample.args[1] = SampleTensor::ints(&[2], 1, 1).into();
    vec![ErrorSample { sample, code: Code::Shape, message: "add up to the rows" }]
}
