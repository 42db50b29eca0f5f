//! Uniform numbers, in place.

use crate::invoke;
use crate::shared::random::draw;
use crate::shared::view::samples::{call, fails};
use adjoint_autograd::{Arg, Attr, Attrs, Body, Call, Default, Facts, Kind, OpDef, Specs, Tensor};
use adjoint_tensor::{Array, Code, Error, Result};

fn bounds(call: &Facts) -> (f64, f64) {
    (call.attrs.opt_float(0).unwrap_or(0.0), call.attrs.opt_float(1).unwrap_or(1.0))
}

fn rule(call: &Facts) -> Result<Specs> {
    let (low, high) = bounds(call);
    // False for NaN too.
    let is_range = low <= high && (high - low).is_finite();
    if !is_range {
        return Err(Error::usage(format!("expects to return a [from, to) range, but found from={low} > to={high}")));
    }
    draw::same(call)
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (low, high) = bounds(call);
    draw::uniform(call, &mut outs[0], low, high)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "uniform",
    doc: "Fills the tensor with uniform numbers in [`from`, `to`).\n\n\
          The same seed gives PyTorch's numbers. Source: PyTorch, `Tensor.uniform_`.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("from", Kind::Float, Default::Float(0.0)),
        Arg::optional("to", Kind::Float, Default::Float(1.0)),
        draw::GENERATOR,
    ],
    node: "UniformBackward0",
    body: Body::Kernel { rule, run },
    samples: || vec![call("a vector", &[5], []), call("bounds", &[2, 3], [Attr::Float(-2.0), Attr::Float(3.0)])],
    errors: || {
        vec![fails(call("bounds reversed", &[2], [Attr::Float(1.0), Attr::Float(0.0)]), Code::Usage, "from=1 > to=0")]
    },
    ..draw::overwriting()
}
.shipped();

/// Fills `x` with uniform numbers in [low, high).
pub fn uniform_(x: &Tensor, low: f64, high: f64) -> Result<()> {
    invoke::in_place(&DEF, &[Some(x)], Attrs::new().float(low).float(high))
}
