//! `gaussian_nll_loss`: the negative log likelihood of a normal distribution.

use super::reduction::{self, Reduction, one};
use crate::elementwise::add::add;
use crate::elementwise::clamp_min::clamp_min;
use crate::elementwise::div::div;
use crate::elementwise::log::log;
use crate::elementwise::mul::mul;
use crate::elementwise::square::square;
use crate::elementwise::sub::sub;
use crate::invoke::number;
use crate::view::unsqueeze::unsqueeze;
use adjoint_autograd::{Arg, Attrs, Body, Default, Kind, OpDef, Outputs, Tensor};
use adjoint_tensor::{Error, Result, Scalar, dims};

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [x, y, var] = reduction::three(inputs)?;
    let eps = attrs.opt_float(1).unwrap_or(1e-6);
    let mut var = var.clone();
    if var.shape() != x.shape() {
        if x.rank() > 0 && var.shape() == &x.shape()[..x.rank() - 1] {
            var = unsqueeze(&var, var.rank())?;
        } else if dims::broadcast(x.shape(), var.shape()).map_or(true, |s| s.as_slice() != x.shape())
            || var.rank() != x.rank()
        {
            return Err(Error::shape(format!("var is of incorrect size {:?} for input {:?}", var.shape(), x.shape())));
        }
    }
    if var.array().to_vec_f64()?.iter().any(|&v| v < 0.0) {
        return Err(Error::usage("var has negative entry/entries"));
    }
    // The bound is a constant: the gradient passes it as if it were not there. What lifts an infinite variance is 0.
    let lift = clamp_min(&sub(&number(eps)?, &var.detach())?, Scalar::Int(0))?;
    let bounded = add(&var, &lift)?;
    let mut losses = mul(&add(&log(&bounded)?, &div(&square(&sub(x, y)?)?, &bounded)?)?, &number(0.5)?)?;
    if attrs.get_bool(0) {
        losses = add(&losses, &number(0.5 * (2.0 * std::f64::consts::PI).ln())?)?;
    }
    one(Reduction::of(attrs, 2).apply(losses)?)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "gaussian_nll_loss",
    doc: "Returns `½ (log var + (input − target)² / var)`, with `var` not below `eps`, reduced; `full` adds `½ log 2π`.\n\n\
          `var` has the shape of `input`, or lacks or has a 1 for its last dim. Source: PyTorch, `torch.nn.functional.gaussian_nll_loss`.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("target"),
        Arg::tensor("var"),
        Arg::optional("full", Kind::Bool, Default::Bool(false)),
        Arg::optional("eps", Kind::Float, Default::Float(1e-6)),
        reduction::ARG,
    ],
    body: Body::Composite(body),
    samples: || vec![reduction::sample("three", vec![reduction::three_numbers(-2.0, 2.0), reduction::three_numbers(-2.0, 2.0), reduction::three_numbers(0.4, 2.0)], vec![])],
    ..reduction::COMPOSITE_LOSS
}
.shipped();
