//! Layers above one another, in one direction or both.

use crate::contract::linear::linear;
use crate::elementwise::add::add;
use crate::nn::dropout::dropout;
use crate::rnn::{gru_layer, lstm_layer, rnn_layer};
use crate::view::{cat::cat, reshape::reshape, select::select, stack::stack, transpose::transpose};
use adjoint_autograd::op::{Default, Outputs};
use adjoint_autograd::{Arg, Attrs, Kind, Tensor, given, required};
use adjoint_tensor::{Error, Result, scratch};
use smallvec::{SmallVec, smallvec};

/// What a layer does in a step.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// Four gates and a cell.
    Lstm,
    /// Three gates.
    Gru,
    /// tanh.
    Tanh,
    /// The positive part.
    Relu,
}

impl Cell {
    /// The rows of a weight for each row of the state.
    pub fn gates(self) -> usize {
        match self {
            Cell::Lstm => 4,
            Cell::Gru => 3,
            Cell::Tanh | Cell::Relu => 1,
        }
    }

    /// How many states there are.
    pub fn states(self) -> usize {
        if self == Cell::Lstm { 2 } else { 1 }
    }
}

/// The parameters behind the states: weights and settings. The last is for padded sequences only.
pub const PARAMS: [Arg; 7] = [
    Arg::required("params", Kind::Tensors),
    Arg::required("has_biases", Kind::Bool),
    Arg::required("num_layers", Kind::Int),
    Arg::required("dropout", Kind::Float),
    Arg::required("train", Kind::Bool),
    Arg::required("bidirectional", Kind::Bool),
    Arg::required("batch_first", Kind::Bool),
];

/// A bias that may be left out.
pub const fn bias(name: &'static str) -> Arg {
    Arg::optional(name, Kind::Tensor, Default::None)
}

/// The parameters of a layer of one state on padded sequences.
pub const SEQUENCE_ARGS: &[Arg] = &[
    Arg::tensor("input"),
    Arg::tensor("hx"),
    PARAMS[0],
    PARAMS[1],
    PARAMS[2],
    PARAMS[3],
    PARAMS[4],
    PARAMS[5],
    PARAMS[6],
];

/// The same on packed sequences, which have no batch to come first.
pub const PACKED_ARGS: &[Arg] = &[
    Arg::tensor("data"),
    Arg::tensor("batch_sizes"),
    Arg::tensor("hx"),
    PARAMS[0],
    PARAMS[1],
    PARAMS[2],
    PARAMS[3],
    PARAMS[4],
    PARAMS[5],
];

/// The parameters of one step of a layer of one state.
pub const CELL_ARGS: &[Arg] =
    &[Arg::tensor("input"), Arg::tensor("hx"), Arg::tensor("w_ih"), Arg::tensor("w_hh"), bias("b_ih"), bias("b_hh")];

/// The weights of a layer in one direction.
pub struct Weights<'a> {
    /// `[gates · hidden, inputs]`
    pub w_ih: &'a Tensor,
    /// `[gates · hidden, width]`
    pub w_hh: &'a Tensor,
    /// `[gates · hidden]`
    pub b_ih: Option<&'a Tensor>,
    /// The same.
    pub b_hh: Option<&'a Tensor>,
    /// `[width, hidden]`
    pub projection: Option<&'a Tensor>,
}

impl Weights<'_> {
    fn check(&self, cell: Cell, inputs: usize, states: &[Tensor]) -> Result<()> {
        let width = states[0].shape()[1];
        let hidden = states[states.len() - 1].shape()[1];
        let rows = cell.gates() * hidden;
        if self.projection.is_none() && width != hidden {
            return Err(Error::shape(format!("expected states of one size, got {width} and {hidden}")));
        }
        let expected: [(&str, Option<&Tensor>, &[usize]); 5] = [
            ("the weight of the input", Some(self.w_ih), &[rows, inputs]),
            ("the weight of the state", Some(self.w_hh), &[rows, width]),
            ("the bias of the input", self.b_ih, &[rows]),
            ("the bias of the state", self.b_hh, &[rows]),
            ("the weight of the projection", self.projection, &[width, hidden]),
        ];
        for (name, t, shape) in expected {
            let Some(t) = t else { continue };
            if t.shape() != shape {
                return Err(Error::shape(format!("expected {name} of shape {shape:?}, got {:?}", t.shape())));
            }
        }
        Ok(())
    }
}

/// One layer in one direction: its outputs `[rows, width]`, and the last states.
pub fn layer(cell: Cell, x: &Tensor, states: &[Tensor], w: &Weights, sizes: &[i64], reverse: bool) -> Result<Outputs> {
    w.check(cell, x.shape()[1], states)?;
    // Where both biases only add up they are one; that of a GRU's state is inside of a product.
    let bias = match (w.b_ih, w.b_hh) {
        (Some(a), Some(b)) if cell != Cell::Gru => Some(add(a, b)?),
        (None, Some(b)) if cell != Cell::Gru => Some(b.clone()),
        (a, _) => a.cloned(),
    };
    let x = linear(x, w.w_ih, bias.as_ref())?;
    let h = &states[0];
    match cell {
        Cell::Lstm => lstm_layer::layer(&x, h, &states[1], w.w_hh, w.projection, sizes, reverse),
        Cell::Gru => gru_layer::layer(&x, h, w.w_hh, w.b_hh, sizes, reverse),
        Cell::Tanh | Cell::Relu => rnn_layer::layer(&x, h, w.w_hh, cell == Cell::Relu, sizes, reverse),
    }
}

struct Settings {
    has_biases: bool,
    layers: usize,
    dropout: f64,
    directions: usize,
}

impl Settings {
    fn of(attrs: &Attrs, at: usize) -> Result<Self> {
        let dropout = attrs.get_float(at + 2)?;
        if !(0.0..=1.0).contains(&dropout) {
            return Err(Error::usage(format!("dropout must be a probability, got {dropout}")));
        }
        Ok(Settings {
            has_biases: attrs.get_bool(at),
            layers: usize::try_from(attrs.get_int(at + 1)?).unwrap_or(0),
            dropout: if attrs.get_bool(at + 3) { dropout } else { 0.0 },
            directions: 1 + usize::from(attrs.get_bool(at + 4)),
        })
    }
}

/// All layers over the rows of sequences: the outputs `[rows, directions · width]`, and the last
/// states `[layers · directions, sequences, …]`.
fn stacked(
    cell: Cell,
    x: &Tensor,
    sizes: &[i64],
    states: &[&Tensor],
    params: &[Option<&Tensor>],
    s: &Settings,
) -> Result<Outputs> {
    let sequences = usize::try_from(sizes[0]).unwrap_or(0);
    let all = s.layers * s.directions;
    for (name, state) in ["hx", "cx"].into_iter().zip(states) {
        if state.rank() != 3 || state.shape()[..2] != [all, sequences] {
            return Err(Error::shape(format!(
                "expected {name} of shape [{all}, {sequences}, size]: layers times directions, sequences and size; \
                 got {:?}",
                state.shape()
            )));
        }
    }
    let is_projected = states.len() == 2 && states[0].shape()[2] != states[1].shape()[2];
    let each = 2 + 2 * usize::from(s.has_biases) + usize::from(is_projected);
    if all == 0 || params.len() != all * each {
        return Err(Error::usage(format!(
            "expected {each} params for each of {all} layers and directions, one at least, got {}",
            params.len()
        )));
    }
    let mut x = x.clone();
    let mut last: SmallVec<[Vec<Tensor>; 2]> = states.iter().map(|_| Vec::new()).collect();
    for l in 0..s.layers {
        let mut outs: SmallVec<[Tensor; 2]> = SmallVec::new();
        for d in 0..s.directions {
            let at = l * s.directions + d;
            let p = &params[at * each..][..each];
            let w = Weights {
                w_ih: required(p, 0),
                w_hh: required(p, 1),
                b_ih: given(p, 2).filter(|_| s.has_biases),
                b_hh: given(p, 3).filter(|_| s.has_biases),
                projection: if is_projected { Some(required(p, each - 1)) } else { None },
            };
            let first: SmallVec<[Tensor; 2]> = states.iter().map(|s| select(s, 0, at)).collect::<Result<_>>()?;
            let mut done = layer(cell, &x, &first, &w, sizes, d == 1)?.into_iter();
            outs.extend(done.next());
            for (kept, state) in last.iter_mut().zip(done) {
                kept.push(state);
            }
        }
        x = if let [forward, back] = outs.as_slice() { cat(&[forward, back], 1)? } else { outs.swap_remove(0) };
        if s.dropout > 0.0 && l + 1 < s.layers {
            x = dropout(&x, s.dropout, true)?;
        }
    }
    let mut result: Outputs = smallvec![x];
    for kept in last {
        result.push(stack(&kept.iter().collect::<Vec<_>>(), 0)?);
    }
    Ok(result)
}

/// The body of an op on padded sequences: inputs are `[steps, batch, inputs]`, the states and the
/// weights.
pub fn padded(cell: Cell, inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let settings = Settings::of(attrs, 0)?;
    let batch_first = attrs.get_bool(5);
    let x = required(inputs, 0);
    if x.rank() != 3 {
        let dims = if batch_first { "[batch, steps, size]" } else { "[steps, batch, size]" };
        return Err(Error::shape(format!("expected an input of 3 dims, {dims}, got {:?}", x.shape())));
    }
    let x = if batch_first { transpose(x, 0, 1)? } else { x.clone() };
    let [steps, batch, size] = [x.shape()[0], x.shape()[1], x.shape()[2]];
    if steps == 0 {
        return Err(Error::shape(format!("expected sequences of at least 1 step, got {:?}", x.shape())));
    }
    let (states, params) = inputs[1..].split_at(cell.states());
    let states: SmallVec<[&Tensor; 2]> = (0..states.len()).map(|i| required(states, i)).collect();
    let sizes = scratch::filled(batch as i64, steps)?;
    let mut outs = stacked(cell, &reshape(&x, &[steps * batch, size])?, &sizes, &states, params, &settings)?;
    let width = outs[0].shape()[1];
    let out = reshape(&outs[0], &[steps, batch, width])?;
    outs[0] = if batch_first { transpose(&out, 0, 1)? } else { out };
    Ok(outs)
}

/// The body of an op on packed sequences: inputs are `[rows, inputs]`, the numbers of rows a step,
/// the states and the weights.
pub fn packed(cell: Cell, inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let settings = Settings::of(attrs, 0)?;
    let (x, batch_sizes) = (required(inputs, 0), required(inputs, 1));
    let sizes = batch_sizes.read_values()?;
    let rows: i128 = sizes.iter().map(|&n| i128::from(n)).sum();
    let falls = sizes.windows(2).all(|w| w[0] >= w[1]) && sizes.last().is_some_and(|&n| n > 0);
    if x.rank() != 2 || batch_sizes.rank() != 1 || !falls || rows != x.shape()[0] as i128 {
        return Err(Error::shape(format!(
            "expected data of shape [rows, size] and batchSizes that fall and add up to the rows, \
             got {:?} and {:?} with sum {rows}",
            x.shape(),
            batch_sizes.shape()
        )));
    }
    let (states, params) = inputs[2..].split_at(cell.states());
    let states: SmallVec<[&Tensor; 2]> = (0..states.len()).map(|i| required(states, i)).collect();
    stacked(cell, x, &sizes, &states, params, &settings)
}

/// The body of an op of one step: inputs are `[batch, inputs]` or without the batch, the states,
/// and the weights.
pub fn single(cell: Cell, inputs: &[Option<&Tensor>]) -> Result<Outputs> {
    let x = required(inputs, 0);
    let n = cell.states();
    // Beside the states are the input, two weights and two biases, which may be absent but are counted.
    let found = inputs.len().saturating_sub(5);
    if found != n {
        return Err(Error::shape(format!("expected a list of {n} states hx, got {found}")));
    }
    let states: SmallVec<[Tensor; 2]> = (1..=n).map(|i| required(inputs, i).clone()).collect();
    let rest = &inputs[1 + n..];
    if x.rank() != 2 || states.iter().any(|s| s.rank() != 2 || s.shape()[0] != x.shape()[0]) {
        let shapes: Vec<_> = states.iter().map(Tensor::shape).collect();
        return Err(Error::shape(format!(
            "expected an input [batch, size] and states with as many rows, got {:?} and {shapes:?}",
            x.shape()
        )));
    }
    let (b_ih, b_hh) = (given(rest, 2), given(rest, 3));
    let w = Weights { w_ih: required(rest, 0), w_hh: required(rest, 1), b_ih, b_hh, projection: None };
    let mut outs = layer(cell, x, &states, &w, &[x.shape()[0] as i64], false)?;
    outs.remove(0);
    Ok(outs)
}
