//! The kernel of a GRU layer in one direction, and its derivative.

use crate::invoke;
use crate::shared::rnn::by_steps;
use crate::shared::rnn::steps;
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Arg, Attrs, Backward, Body, Call, Class, Facts, Grads, Kind, OpDef, Outputs, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::floats;
use adjoint_cpu::reduce::sum_into;
use adjoint_kernels::dtype::Element;
use adjoint_kernels::recurrent::{Gru, Squash, gru, gru_backward};
use adjoint_tensor::{Array, Result};
use smallvec::{SmallVec, smallvec};

fn rule(call: &Facts) -> Result<Specs> {
    let (rows, h) = (call.input(0).shape()[0], call.input(1));
    call.floating(0)?;
    let dtype = call.same_dtype()?;
    let n = h.shape()[1];
    Ok(smallvec![Spec::new([rows, n], dtype), Spec::new(h.shape(), dtype), Spec::new([rows, 4 * n], dtype),])
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    floats!(call.input(0).dtype(), T => forward::<T>(call, outs))
}

fn forward<T: Element + Squash>(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (x, weight) = (call.input(0).contiguous()?, call.input(2).contiguous()?);
    let bias = match call.given(3) {
        Some(bias) => bias.contiguous()?,
        None => Array::zeros(&[weight.shape()[0]], weight.dtype())?,
    };
    let [out, h, gates] = outs else { unreachable!("the rule names three outputs") };
    h.assign(call.input(1))?;
    let layer = Gru { steps: &steps::of(call.attrs)?, hidden: h.shape()[1], weight: weight.as_slice::<T>() };
    gru(&layer, x.as_slice(), bias.as_slice(), h.as_mut_slice(), out.as_mut_slice(), gates.as_mut_slice());
    Ok(())
}

fn vjp(b: &Backward) -> Result<Grads> {
    if !b.is_value_only() {
        let attrs = b.attrs().clone();
        return steps::differentiate(b, &|inputs| by_ops(inputs, &attrs));
    }
    let (h, weight) = (b.input(1)?, b.input(2)?);
    let (out, gates) = (b.output(0)?, b.output(2)?);
    let wants: SmallVec<[i64; 4]> = (0..4).map(|i| i64::from(b.wants(i))).collect();
    let attrs = steps::attrs(b.attrs().get_ints(0)?, b.attrs().get_bool(1)).ints(&wants);
    let inputs = [Some(&h), Some(&weight), Some(&out), Some(&gates), b.grad(0), b.grad(1)];
    let grads = invoke::many(&BACKWARD, &inputs, attrs)?;
    Ok(grads.into_iter().zip(wants).map(|(g, wanted)| (wanted != 0).then_some(g)).collect())
}

fn by_ops(inputs: &[Option<Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [Some(x), Some(h), Some(weight), bias] = inputs else { unreachable!("four inputs, three of them required") };
    by_steps::run(x, smallvec![h.clone()], attrs, &|x, states| by_steps::gru(x, &states[0], weight, bias.as_ref()))
}

fn backward_rule(call: &Facts) -> Result<Specs> {
    let (h, weight, gates) = (call.input(0), call.input(1), call.input(3));
    let wants = call.attrs.get_ints(2)?;
    let dtype = gates.dtype();
    let gate_columns = weight.shape()[0];
    Ok(smallvec![
        Spec::new([gates.shape()[0], gate_columns], dtype),
        Spec::new(h.shape(), dtype),
        Spec::new(if wants[2] != 0 { weight.shape() } else { &[0] }, dtype),
        Spec::new([if wants[3] != 0 { gate_columns } else { 0 }], dtype),
    ])
}

fn backward_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    floats!(call.input(0).dtype(), T => backward::<T>(call, outs))
}

fn backward<T: Element + Squash>(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (h, weight) = (call.input(0).contiguous()?, call.input(1).contiguous()?);
    let (out, gates) = (call.input(2).contiguous()?, call.input(3).contiguous()?);
    let g = steps::contiguous(call.given(4))?;
    let wants = call.attrs.get_ints(2)?;
    let [dx, dh, dweight, dbias] = outs else { unreachable!("the rule names four outputs") };
    steps::start(call.given(5), dh)?;
    let steps = steps::of(call.attrs)?;
    let before = steps::before::<T>(&steps, &out, &h)?;
    let layer = Gru { steps: &steps, hidden: h.shape()[1], weight: weight.as_slice::<T>() };
    let mut dr = dx.empty_like(dx.dtype())?;
    let g = g.as_ref().map(Array::as_slice);
    gru_backward(
        &layer,
        g,
        gates.as_slice(),
        before.as_slice(),
        dh.as_mut_slice(),
        dx.as_mut_slice(),
        dr.as_mut_slice(),
    );
    if wants[2] != 0 {
        steps::weight_gradient(&dr, &before, dweight)?;
    }
    if wants[3] != 0 {
        sum_into(&dr, &[0], dbias)?;
    }
    Ok(())
}

/// The ops: the layer and its derivative.
pub static DEFS: &[&OpDef] = &[&LAYER, &BACKWARD];

const INPUTS: u8 = 0b1111;
const OUTPUTS: u8 = 0b101;

static LAYER: OpDef = OpDef {
    name: "_gru_layer",
    part_of: "gru",
    doc: "One direction of a GRU layer over rows of sequences, step by step: `x` is what the inputs add to the \
          gates, `[rows, 3 · hidden]`; `sizes` says how many rows each step has. Returns the outputs, the last \
          state, and for the derivative what was computed in every row.",
    args: &[
        Arg::tensor("x"),
        Arg::tensor("h"),
        Arg::tensor("weight"),
        Arg::optional("bias", Kind::Tensor, Default::None),
        Arg::required("sizes", Kind::Ints),
        Arg::required("reverse", Kind::Bool),
    ],
    outputs: &["output", "h", "gates"],
    class: Class::Opaque,
    node: "GruBackward0",
    surface: &[],
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(vjp),
    saves: Saves { inputs: &[INPUTS; 4], outputs: &[OUTPUTS; 4] },
    ..OpDef::BASE
}
.shipped();

static BACKWARD: OpDef = OpDef {
    name: "_gru_layer_backward",
    part_of: "gru",
    doc: "The derivatives of `_gru_layer` by its inputs; those of weight and bias are empty where `wants` is 0.",
    args: &[
        Arg::tensor("h"),
        Arg::tensor("weight"),
        Arg::tensor("output"),
        Arg::tensor("gates"),
        Arg::optional("grad_output", Kind::Tensor, Default::None),
        Arg::optional("grad_h", Kind::Tensor, Default::None),
        Arg::required("sizes", Kind::Ints),
        Arg::required("reverse", Kind::Bool),
        Arg::required("wants", Kind::Ints),
    ],
    outputs: &["x", "h", "weight", "bias"],
    class: Class::Opaque,
    surface: &[],
    body: Body::Kernel { rule: backward_rule, run: backward_run },
    vjp: Vjp::None("derivatives of derivatives go step by step through ops"),
    ..OpDef::BASE
}
.shipped();

/// The outputs, and the last state.
pub fn layer(
    x: &Tensor,
    h: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    sizes: &[i64],
    reverse: bool,
) -> Result<Outputs> {
    let mut outs = invoke::many(&LAYER, &[Some(x), Some(h), Some(weight), bias], steps::attrs(sizes, reverse))?;
    outs.truncate(2);
    Ok(outs)
}
