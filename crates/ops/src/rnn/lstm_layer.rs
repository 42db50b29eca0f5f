//! The kernel of an LSTM layer in one direction, and its derivative.

use crate::invoke;
use crate::shared::rnn::by_steps;
use crate::shared::rnn::steps;
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Arg, Attrs, Backward, Body, Call, Class, Facts, Grads, Kind, OpDef, Outputs, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::floats;
use adjoint_kernels::dtype::Element;
use adjoint_kernels::recurrent::{Lstm, LstmGradients, Squash, lstm, lstm_backward, lstm_outputs};
use adjoint_tensor::{Array, Result};
use smallvec::{SmallVec, smallvec};

fn rule(call: &Facts) -> Result<Specs> {
    let (rows, h, c) = (call.input(0).shape()[0], call.input(1), call.input(2));
    call.floating(0)?;
    let dtype = call.same_dtype()?;
    let n = c.shape()[1];
    Ok(smallvec![
        Spec::new([rows, h.shape()[1]], dtype),
        Spec::new(h.shape(), dtype),
        Spec::new(c.shape(), dtype),
        Spec::new([rows, 4 * n], dtype),
        Spec::new([rows, n], dtype),
    ])
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    floats!(call.input(0).dtype(), T => forward::<T>(call, outs))
}

fn forward<T: Element + Squash>(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (x, weight) = (call.input(0).contiguous()?, call.input(3).contiguous()?);
    let projection = steps::contiguous(call.given(4))?;
    let [out, h, c, gates, cells] = outs else { unreachable!("the rule names five outputs") };
    h.assign(call.input(1))?;
    c.assign(call.input(2))?;
    let layer = Lstm {
        steps: &steps::of(call.attrs)?,
        hidden: c.shape()[1],
        width: h.shape()[1],
        weight: weight.as_slice::<T>(),
        projection: projection.as_ref().map(Array::as_slice),
    };
    lstm(
        &layer,
        x.as_slice(),
        h.as_mut_slice(),
        c.as_mut_slice(),
        out.as_mut_slice(),
        gates.as_mut_slice(),
        cells.as_mut_slice(),
    );
    Ok(())
}

fn vjp(b: &Backward) -> Result<Grads> {
    if !b.is_value_only() {
        let attrs = b.attrs().clone();
        return steps::differentiate(b, &|inputs| by_ops(inputs, &attrs));
    }
    let (h, c, weight, projection) = (b.input(1)?, b.input(2)?, b.input(3)?, b.opt_input(4)?);
    let (out, gates, cells) = (b.output(0)?, b.output(3)?, b.output(4)?);
    let wants: SmallVec<[i64; 5]> = (0..5).map(|i| i64::from(b.wants(i))).collect();
    let attrs = steps::attrs(b.attrs().get_ints(0)?, b.attrs().get_bool(1)).ints(&wants);
    let given = [&h, &c, &weight, &out, &gates, &cells].map(Some);
    let inputs: SmallVec<[Option<&Tensor>; 10]> =
        given.into_iter().chain([projection.as_ref(), b.grad(0), b.grad(1), b.grad(2)]).collect();
    let grads = invoke::many(&BACKWARD, &inputs, attrs)?;
    Ok(grads.into_iter().zip(wants).map(|(g, wanted)| (wanted != 0).then_some(g)).collect())
}

fn by_ops(inputs: &[Option<Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [Some(x), Some(h), Some(c), Some(weight), projection] = inputs else {
        unreachable!("five inputs, four of them required")
    };
    by_steps::run(x, smallvec![h.clone(), c.clone()], attrs, &|x, states| {
        by_steps::lstm(x, &states[0], &states[1], weight, projection.as_ref())
    })
}

fn backward_rule(call: &Facts) -> Result<Specs> {
    let (h, c, weight, gates) = (call.input(0), call.input(1), call.input(2), call.input(4));
    let wants = call.attrs.get_ints(2)?;
    let dtype = gates.dtype();
    let projection: &[usize] = call.given(6).filter(|_| wants[4] != 0).map_or(&[0], |p| p.shape());
    Ok(smallvec![
        Spec::new(gates.shape(), dtype),
        Spec::new(h.shape(), dtype),
        Spec::new(c.shape(), dtype),
        Spec::new(if wants[3] != 0 { weight.shape() } else { &[0] }, dtype),
        Spec::new(projection, dtype),
    ])
}

fn backward_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    floats!(call.input(0).dtype(), T => backward::<T>(call, outs))
}

fn backward<T: Element + Squash>(call: &Call, outs: &mut [Array]) -> Result<()> {
    let [h, c, weight] = [0, 1, 2].map(|i| call.input(i).contiguous());
    let [out, gates, cells] = [3, 4, 5].map(|i| call.input(i).contiguous());
    let (h, c, weight, out, gates, cells) = (h?, c?, weight?, out?, gates?, cells?);
    let (projection, g) = (steps::contiguous(call.given(6))?, steps::contiguous(call.given(7))?);
    let wants = call.attrs.get_ints(2)?;
    let [dx, dh, dc, dweight, dprojection] = outs else { unreachable!("the rule names five outputs") };
    steps::start(call.given(8), dh)?;
    steps::start(call.given(9), dc)?;
    let steps = steps::of(call.attrs)?;
    let hidden = c.shape()[1];
    let layer = Lstm {
        steps: &steps,
        hidden,
        width: h.shape()[1],
        weight: weight.as_slice::<T>(),
        projection: projection.as_ref().map(Array::as_slice),
    };
    let cells_before = steps::before::<T>(&steps, &cells, &c)?;
    let mut dout = if wants[4] != 0 { Some(out.empty_like(out.dtype())?) } else { None };
    let grads = LstmGradients {
        h: dh.as_mut_slice(),
        c: dc.as_mut_slice(),
        gates: dx.as_mut_slice(),
        out: dout.as_mut().map(Array::as_mut_slice),
    };
    lstm_backward(
        &layer,
        g.as_ref().map(Array::as_slice),
        gates.as_slice(),
        cells.as_slice(),
        cells_before.as_slice(),
        grads,
    );
    if wants[3] != 0 {
        steps::weight_gradient(dx, &steps::before::<T>(&steps, &out, &h)?, dweight)?;
    }
    if let Some(dout) = &dout {
        let mut unprojected = cells.empty_like(cells.dtype())?;
        lstm_outputs::<T>(gates.as_slice(), cells.as_slice(), hidden, unprojected.as_mut_slice());
        steps::weight_gradient(dout, &unprojected, dprojection)?;
    }
    Ok(())
}

/// The ops: the layer and its derivative.
pub static DEFS: &[&OpDef] = &[&LAYER, &BACKWARD];

const INPUTS: u8 = 0b1_1111;
const OUTPUTS: u8 = 0b1_1001;

static LAYER: OpDef = OpDef {
    name: "_lstm_layer",
    part_of: "lstm",
    doc: "One direction of an LSTM layer over rows of sequences, step by step: `x` is what the inputs add to the \
          gates, `[rows, 4 · hidden]`; `sizes` says how many rows each step has. Returns the outputs, the last \
          states, and the gates and cells of every row for the derivative.",
    args: &[
        Arg::tensor("x"),
        Arg::tensor("h"),
        Arg::tensor("c"),
        Arg::tensor("weight"),
        Arg::optional("projection", Kind::Tensor, Default::None),
        Arg::required("sizes", Kind::Ints),
        Arg::required("reverse", Kind::Bool),
    ],
    outputs: &["output", "h", "c", "gates", "cells"],
    class: Class::Opaque,
    node: "LstmBackward0",
    surface: &[],
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(vjp),
    saves: Saves { inputs: &[INPUTS; 5], outputs: &[OUTPUTS; 5] },
    ..OpDef::BASE
}
.shipped();

static BACKWARD: OpDef = OpDef {
    name: "_lstm_layer_backward",
    part_of: "lstm",
    doc: "The derivatives of `_lstm_layer` by its inputs; those of the weights are empty where `wants` is 0.",
    args: &[
        Arg::tensor("h"),
        Arg::tensor("c"),
        Arg::tensor("weight"),
        Arg::tensor("output"),
        Arg::tensor("gates"),
        Arg::tensor("cells"),
        Arg::optional("projection", Kind::Tensor, Default::None),
        Arg::optional("grad_output", Kind::Tensor, Default::None),
        Arg::optional("grad_h", Kind::Tensor, Default::None),
        Arg::optional("grad_c", Kind::Tensor, Default::None),
        Arg::required("sizes", Kind::Ints),
        Arg::required("reverse", Kind::Bool),
        Arg::required("wants", Kind::Ints),
    ],
    outputs: &["x", "h", "c", "weight", "projection"],
    class: Class::Opaque,
    surface: &[],
    body: Body::Kernel { rule: backward_rule, run: backward_run },
    vjp: Vjp::None("derivatives of derivatives go step by step through ops"),
    ..OpDef::BASE
}
.shipped();

/// The outputs, and the last states h and c.
pub fn layer(
    x: &Tensor,
    h: &Tensor,
    c: &Tensor,
    weight: &Tensor,
    projection: Option<&Tensor>,
    sizes: &[i64],
    reverse: bool,
) -> Result<Outputs> {
    let inputs = [Some(x), Some(h), Some(c), Some(weight), projection];
    let mut outs = invoke::many(&LAYER, &inputs, steps::attrs(sizes, reverse))?;
    outs.truncate(3);
    Ok(outs)
}
