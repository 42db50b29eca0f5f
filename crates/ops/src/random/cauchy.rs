//! Cauchy numbers, in place.

use crate::invoke;
use crate::shared::random::draw;
use crate::shared::view::samples::{call, fails};
use adjoint_autograd::{Arg, Attr, Attrs, Body, Call, Default, Facts, Kind, OpDef, Specs, Tensor};
use adjoint_tensor::{Array, Code, Error, Result};
use std::f64::consts::PI;

fn scale(call: &Facts) -> f64 {
    call.attrs.opt_float(1).unwrap_or(1.0)
}

fn rule(call: &Facts) -> Result<Specs> {
    let sigma = scale(call);
    if sigma > 0.0 {
        draw::same(call)
    } else {
        Err(Error::usage(format!("expects sigma > 0.0, but found sigma={sigma}")))
    }
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (median, sigma) = (call.attrs.opt_float(0).unwrap_or(0.0), scale(call));
    draw::each(call, &outs[0], |g| median + sigma * (PI * (g.uniform() - 0.5)).tan())
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "cauchy",
    doc: "Fills the tensor with Cauchy numbers: `median + sigma · tan(π · (u − 1/2))`.\n\n\
          Fails unless `sigma > 0`. The same seed gives PyTorch's numbers. Source: PyTorch, `Tensor.cauchy_`.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("median", Kind::Float, Default::Float(0.0)),
        Arg::optional("sigma", Kind::Float, Default::Float(1.0)),
        draw::GENERATOR,
    ],
    node: "CauchyBackward0",
    body: Body::Kernel { rule, run },
    samples: || vec![call("a vector", &[5], []), call("a scale", &[2, 3], [Attr::Float(1.0), Attr::Float(2.0)])],
    errors: || {
        vec![fails(call("a scale of 0", &[2], [Attr::Float(0.0), Attr::Float(0.0)]), Code::Usage, "sigma > 0.0")]
    },
    ..draw::overwriting()
}
.shipped();

/// Fills `x` with Cauchy numbers.
pub fn cauchy_(x: &Tensor, median: f64, sigma: f64) -> Result<()> {
    invoke::in_place(&DEF, &[Some(x)], Attrs::new().float(median).float(sigma))
}
