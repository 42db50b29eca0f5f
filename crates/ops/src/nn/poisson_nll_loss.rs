//! `poisson_nll_loss`: the negative log likelihood of a Poisson distribution.

use crate::elementwise::add::add;
use crate::elementwise::exp::exp;
use crate::elementwise::le::le;
use crate::elementwise::log::log;
use crate::elementwise::mul::mul;
use crate::elementwise::sub::sub;
use crate::elementwise::where_::where_;
use crate::invoke::number;
use crate::shared::nn::reduction::{self, Reduction, one};
use crate::shared::samples;
use adjoint_autograd::{Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Tensor};
use adjoint_tensor::Result;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (x, y) = reduction::operands(inputs)?;
    let eps = number(attrs.opt_float(2).unwrap_or(1e-8))?;
    let mut losses =
        if attrs.get_bool(0) { sub(&exp(x)?, &mul(y, x)?)? } else { sub(x, &mul(y, &log(&add(x, &eps)?)?)?)? };
    if attrs.get_bool(1) {
        // Stirling's formula for log y!, above 1.
        let half = mul(&log(&mul(y, &number(2.0 * std::f64::consts::PI)?)?)?, &number(0.5)?)?;
        let stirling = add(&sub(&mul(y, &log(y)?)?, y)?, &half)?;
        losses = add(&losses, &where_(&le(y, &number(1.0)?)?, &number(0.0)?, &stirling)?)?;
    }
    one(Reduction::of(attrs, 3).apply(losses)?)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "poisson_nll_loss",
    doc: "Returns `exp(input) − target · input`, or `input − target · log(input + eps)` without `log_input`, reduced; `full` adds Stirling's \
          approximation of `log target!` for targets above 1. Source: PyTorch, `torch.nn.functional.poisson_nll_loss`.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("target"),
        Arg::optional("log_input", Kind::Bool, Default::Bool(true)),
        Arg::optional("full", Kind::Bool, Default::Bool(false)),
        Arg::optional("eps", Kind::Float, Default::Float(1e-8)),
        reduction::ARG,
    ],
    older: reduction::OlderAt::<4, 6>::ARGS,
    body: Body::Composite(body),
    samples: || vec![reduction::sample("three", vec![reduction::three_numbers(-2.0, 2.0), reduction::three_numbers(0.4, 0.9)], vec![Attr::Bool(true)])],
    errors: samples::binary_errors,
    ..reduction::COMPOSITE_LOSS
}
.shipped();
