//! The kernel of a simple recurrent layer in one direction, and its derivative.

use crate::invoke;
use crate::shared::rnn::by_steps;
use crate::shared::rnn::steps;
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Arg, Attrs, Backward, Body, Call, Class, Facts, Grads, Kind, OpDef, Outputs, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::floats;
use adjoint_kernels::dtype::Element;
use adjoint_kernels::recurrent::{Activation, Simple, Squash, simple, simple_backward};
use adjoint_tensor::{Array, Result};
use smallvec::{SmallVec, smallvec};

fn function(attrs: &Attrs) -> Activation {
    if attrs.get_bool(2) { Activation::Relu } else { Activation::Tanh }
}

fn rule(call: &Facts) -> Result<Specs> {
    let (rows, h) = (call.input(0).shape()[0], call.input(1));
    call.floating(0)?;
    let dtype = call.same_dtype()?;
    Ok(smallvec![Spec::new([rows, h.shape()[1]], dtype), Spec::new(h.shape(), dtype)])
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    floats!(call.input(0).dtype(), T => forward::<T>(call, outs))
}

fn forward<T: Element + Squash>(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (x, weight) = (call.input(0).contiguous()?, call.input(2).contiguous()?);
    let [out, h] = outs else { unreachable!("the rule names two outputs") };
    h.assign(call.input(1))?;
    let layer = Simple {
        steps: &steps::of(call.attrs)?,
        hidden: h.shape()[1],
        function: function(call.attrs),
        weight: weight.as_slice::<T>(),
    };
    simple(&layer, x.as_slice(), h.as_mut_slice(), out.as_mut_slice());
    Ok(())
}

fn vjp(b: &Backward) -> Result<Grads> {
    if !b.is_value_only() {
        let attrs = b.attrs().clone();
        return steps::differentiate(b, &|inputs| by_ops(inputs, &attrs));
    }
    let (h, weight, out) = (b.input(1)?, b.input(2)?, b.output(0)?);
    let wants: SmallVec<[i64; 3]> = (0..3).map(|i| i64::from(b.wants(i))).collect();
    let of = b.attrs();
    let attrs = steps::attrs(of.get_ints(0)?, of.get_bool(1)).bool(of.get_bool(2)).ints(&wants);
    let grads = invoke::many(&BACKWARD, &[Some(&h), Some(&weight), Some(&out), b.grad(0), b.grad(1)], attrs)?;
    Ok(grads.into_iter().zip(wants).map(|(g, wanted)| (wanted != 0).then_some(g)).collect())
}

fn by_ops(inputs: &[Option<Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [Some(x), Some(h), Some(weight)] = inputs else { unreachable!("three inputs, all of them required") };
    let is_relu = attrs.get_bool(2);
    by_steps::run(x, smallvec![h.clone()], attrs, &|x, states| by_steps::simple(x, &states[0], weight, is_relu))
}

fn backward_rule(call: &Facts) -> Result<Specs> {
    let (h, weight, out) = (call.input(0), call.input(1), call.input(2));
    let wants = call.attrs.get_ints(3)?;
    let dtype = out.dtype();
    Ok(smallvec![
        Spec::new(out.shape(), dtype),
        Spec::new(h.shape(), dtype),
        Spec::new(if wants[2] != 0 { weight.shape() } else { &[0] }, dtype),
    ])
}

fn backward_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    floats!(call.input(0).dtype(), T => backward::<T>(call, outs))
}

fn backward<T: Element + Squash>(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (h, weight, out) = (call.input(0).contiguous()?, call.input(1).contiguous()?, call.input(2).contiguous()?);
    let g = steps::contiguous(call.given(3))?;
    let [dx, dh, dweight] = outs else { unreachable!("the rule names three outputs") };
    steps::start(call.given(4), dh)?;
    let steps = steps::of(call.attrs)?;
    let g = g.as_ref().map(Array::as_slice);
    let layer =
        Simple { steps: &steps, hidden: h.shape()[1], function: function(call.attrs), weight: weight.as_slice::<T>() };
    simple_backward(&layer, g, out.as_slice(), dh.as_mut_slice(), dx.as_mut_slice());
    if call.attrs.get_ints(3)?[2] != 0 {
        steps::weight_gradient(dx, &steps::before::<T>(&steps, &out, &h)?, dweight)?;
    }
    Ok(())
}

/// The ops: the layer and its derivative.
pub static DEFS: &[&OpDef] = &[&LAYER, &BACKWARD];

static LAYER: OpDef = OpDef {
    name: "_rnn_layer",
    part_of: "rnn_tanh",
    doc: "One direction of a simple recurrent layer over rows of sequences, step by step: `x` is what the inputs \
          add, `[rows, hidden]`; `sizes` says how many rows each step has. Returns the outputs and the last state.",
    args: &[
        Arg::tensor("x"),
        Arg::tensor("h"),
        Arg::tensor("weight"),
        Arg::required("sizes", Kind::Ints),
        Arg::required("reverse", Kind::Bool),
        Arg::required("relu", Kind::Bool),
    ],
    outputs: &["output", "h"],
    class: Class::Opaque,
    node: "RnnBackward0",
    surface: &[],
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(vjp),
    saves: Saves { inputs: &[0b111; 3], outputs: &[0b1; 3] },
    ..OpDef::BASE
}
.shipped();

static BACKWARD: OpDef = OpDef {
    name: "_rnn_layer_backward",
    part_of: "rnn_tanh",
    doc: "The derivatives of `_rnn_layer` by its inputs; that of the weight is empty where `wants` is 0.",
    args: &[
        Arg::tensor("h"),
        Arg::tensor("weight"),
        Arg::tensor("output"),
        Arg::optional("grad_output", Kind::Tensor, Default::None),
        Arg::optional("grad_h", Kind::Tensor, Default::None),
        Arg::required("sizes", Kind::Ints),
        Arg::required("reverse", Kind::Bool),
        Arg::required("relu", Kind::Bool),
        Arg::required("wants", Kind::Ints),
    ],
    outputs: &["x", "h", "weight"],
    class: Class::Opaque,
    surface: &[],
    body: Body::Kernel { rule: backward_rule, run: backward_run },
    vjp: Vjp::None("derivatives of derivatives go step by step through ops"),
    ..OpDef::BASE
}
.shipped();

/// The outputs, and the last state.
pub fn layer(x: &Tensor, h: &Tensor, weight: &Tensor, is_relu: bool, sizes: &[i64], reverse: bool) -> Result<Outputs> {
    invoke::many(&LAYER, &[Some(x), Some(h), Some(weight)], steps::attrs(sizes, reverse).bool(is_relu))
}
