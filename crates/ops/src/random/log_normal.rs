//! Numbers whose logarithm is normal, in place.

use crate::invoke;
use crate::shared::random::draw;
use crate::shared::view::samples::{call, fails};
use adjoint_autograd::{Arg, Attr, Attrs, Body, Call, Default, Facts, Kind, OpDef, Specs, Tensor};
use adjoint_tensor::{Array, Code, Error, Result};

fn deviation(call: &Facts) -> f64 {
    call.attrs.opt_float(1).unwrap_or(2.0)
}

fn rule(call: &Facts) -> Result<Specs> {
    let std = deviation(call);
    if std > 0.0 { draw::same(call) } else { Err(Error::usage(format!("expects std > 0.0, but found std={std}"))) }
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (mean, std) = (call.attrs.opt_float(0).unwrap_or(1.0), deviation(call));
    draw::each(call, &outs[0], |g| (g.normal() * std + mean).exp())
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "log_normal",
    doc: "Fills the tensor with numbers whose logarithm is normal of the given `mean` and standard deviation `std`.\n\n\
          Fails unless `std > 0`. The same seed gives PyTorch's numbers. Source: PyTorch, `Tensor.log_normal_`.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("mean", Kind::Float, Default::Float(1.0)),
        Arg::optional("std", Kind::Float, Default::Float(2.0)),
        draw::GENERATOR,
    ],
    node: "LogNormalBackward0",
    body: Body::Kernel { rule, run },
    samples: || vec![call("a vector", &[5], []), call("a scale", &[2, 3], [Attr::Float(0.0), Attr::Float(0.5)])],
    errors: || {
        vec![fails(call("a deviation of 0", &[2], [Attr::Float(0.0), Attr::Float(0.0)]), Code::Usage, "std > 0.0")]
    },
    ..draw::overwriting()
}
.shipped();

/// Fills `x` with log-normal numbers.
pub fn log_normal_(x: &Tensor, mean: f64, std: f64) -> Result<()> {
    invoke::in_place(&DEF, &[Some(x)], Attrs::new().float(mean).float(std))
}
