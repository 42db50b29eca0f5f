//! `gaussian_nll_loss`: the negative log likelihood of a normal distribution.

use crate::elementwise::add::add;
use crate::elementwise::clamp_min::clamp_min;
use crate::elementwise::div::div;
use crate::elementwise::log::log;
use crate::elementwise::mul::mul;
use crate::elementwise::square::square;
use crate::elementwise::sub::sub;
use crate::invoke::number;
use crate::shared::nn::reduction::{self, Reduction, one};
use crate::view::unsqueeze::unsqueeze;
use adjoint_autograd::{Arg, Attrs, Body, Check, Default, Kind, OpDef, Outputs, Tensor};
use adjoint_tensor::{DType, Error, Result, Scalar, dims};

/// Fails unless the variance has a shape it may have; returns whether it lacks the last dim.
fn lacks_last(x: &[usize], var: &[usize]) -> Result<bool> {
    if var == x || x.split_last().is_some_and(|(_, rest)| var == rest) {
        return Ok(var.len() < x.len());
    }
    if var.len() == x.len() && dims::broadcast(x, var).is_ok_and(|shape| shape.as_slice() == x) {
        return Ok(false);
    }
    Err(Error::shape(format!("var is of incorrect size {var:?} for input {x:?}")))
}

fn check(inputs: &[Option<&Tensor>], _: &Attrs, _: DType) -> Result<()> {
    let [x, _, var] = reduction::three(inputs)?;
    lacks_last(x.shape(), var.shape())?;
    match var.array().find(|v| v < 0.0)? {
        Some(_) => Err(Error::usage("var has negative entry/entries")),
        None => Ok(()),
    }
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [x, y, var] = reduction::three(inputs)?;
    let eps = attrs.opt_float(1).unwrap_or(1e-6);
    let var = if lacks_last(x.shape(), var.shape())? { unsqueeze(var, var.rank())? } else { var.clone() };
    // The bound is a constant: the gradient passes it as if it were not there. What lifts an
    // infinite variance is 0.
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
    check: Check::Calls(check),
    body: Body::Composite(body),
    samples: || vec![reduction::sample("three", vec![reduction::three_numbers(-2.0, 2.0), reduction::three_numbers(-2.0, 2.0), reduction::three_numbers(0.4, 2.0)], vec![])],
    ..reduction::COMPOSITE_LOSS
}
.shipped();
