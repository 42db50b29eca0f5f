//! Geometric numbers, in place.

use crate::invoke;
use crate::shared::random::draw;
use crate::shared::view::samples::{call, fails};
use adjoint_autograd::{Arg, Attr, Attrs, Body, Call, Facts, Kind, OpDef, Spec, Specs, Tensor};
use adjoint_tensor::{Array, Code, Error, Result};

fn rule(call: &Facts) -> Result<Specs> {
    let p = call.attrs.get_float(0)?;
    if p > 0.0 && p < 1.0 {
        Ok(Spec::like(call.input(0), call.input(0).dtype()))
    } else {
        Err(Error::usage(format!("expects p to be in (0, 1), but got p={p}")))
    }
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let p = call.attrs.get_float(0)?;
    draw::each(call, &outs[0], |g| (g.uniform().ln() / (-p).ln_1p()).ceil())
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "geometric",
    doc: "Fills the tensor with geometric numbers: how many trials it takes to the first success, each of probability `p`.\n\n\
          `ceil(log(u) / log(1 − p))`. Fails unless `0 < p < 1`. The same seed gives PyTorch's numbers. \
          Source: PyTorch, `Tensor.geometric_`.",
    args: &[Arg::tensor("input"), Arg::required("p", Kind::Float), draw::GENERATOR],
    node: "GeometricBackward0",
    body: Body::Kernel { rule, run },
    samples: || vec![call("a vector", &[5], [Attr::Float(0.25)])],
    errors: || vec![fails(call("a probability of 1", &[2], [Attr::Float(1.0)]), Code::Usage, "p=1")],
    ..draw::overwriting()
}
.shipped();

/// Fills `x` with geometric numbers of probability `p`.
pub fn geometric_(x: &Tensor, p: f64) -> Result<()> {
    invoke::in_place(&DEF, &[Some(x)], Attrs::new().float(p))
}
