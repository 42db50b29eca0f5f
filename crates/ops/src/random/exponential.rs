//! Exponential numbers, in place.

use crate::invoke;
use crate::shared::random::draw;
use crate::shared::view::samples::{call, fails};
use adjoint_autograd::{Arg, Attr, Attrs, Body, Call, Default, Facts, Kind, OpDef, Specs, Tensor};
use adjoint_tensor::{Array, Code, Error, Result};

fn rate(call: &Facts) -> f64 {
    call.attrs.opt_float(0).unwrap_or(1.0)
}

fn rule(call: &Facts) -> Result<Specs> {
    let rate = rate(call);
    if rate > 0.0 {
        draw::same(call)
    } else {
        Err(Error::usage(format!("expects lambda > 0.0, but found lambda={rate}")))
    }
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let rate = rate(call);
    draw::each(call, &outs[0], |g| g.exponential(rate))
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "exponential",
    doc: "Fills the tensor with exponential numbers of rate `lambd`, density `lambd · exp(−lambd · x)`.\n\n\
          The same seed gives PyTorch's numbers on machines where it does not use MKL's generator. \
          Source: PyTorch, `Tensor.exponential_`.",
    args: &[Arg::tensor("input"), Arg::optional("lambd", Kind::Float, Default::Float(1.0)), draw::GENERATOR],
    node: "ExponentialBackward0",
    body: Body::Kernel { rule, run },
    samples: || vec![call("a vector", &[5], []), call("a rate", &[2, 3], [Attr::Float(2.0)])],
    errors: || vec![fails(call("a rate of 0", &[2], [Attr::Float(0.0)]), Code::Usage, "lambda > 0.0")],
    ..draw::overwriting()
}
.shipped();

/// Fills `x` with exponential numbers of rate `rate`.
pub fn exponential_(x: &Tensor, rate: f64) -> Result<()> {
    invoke::in_place(&DEF, &[Some(x)], Attrs::new().float(rate))
}
