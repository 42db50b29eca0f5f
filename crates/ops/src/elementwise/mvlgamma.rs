//! The logarithm of the multivariate gamma function.

use super::{add::add, lgamma::lgamma};
use crate::invoke::number;
use crate::shared::checks::only;
use crate::shared::view::samples::{fails, int};
use adjoint_autograd::{Alias, Arg, Attrs, Body, Kind, OpDef, Outputs, Sample, SampleTensor, Tensor};
use adjoint_tensor::{Code, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (x, p) = (only(inputs)?, attrs.get_int(0)?);
    if p < 1 {
        return Err(Error::usage(format!("p has to be greater than or equal to 1, got {p}")));
    }
    let mut sum = number(p as f64 * (p as f64 - 1.0) / 4.0 * std::f64::consts::PI.ln())?;
    for j in 0..p {
        sum = add(&sum, &lgamma(&add(x, &number(0.0 - j as f64 / 2.0)?)?)?)?;
    }
    Ok(smallvec![sum])
}

fn sample(label: &str, p: i64) -> Sample {
    Sample::new(label, vec![SampleTensor::new(&[2, 3]).range(2.2, 5.0).into(), int(p).into()])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "mvlgamma",
    also: &[Alias::special("multigammaln")],
    doc: "Returns the logarithm of the multivariate gamma function of dimension `p`, element by element: \
          `p(p − 1)/4 · log π + Σ_{j<p} log |Γ(input − j/2)|`.\n\n\
          Costs `p` times `lgamma`. Source: PyTorch, `torch.mvlgamma`.",
    args: &[Arg::tensor("input"), Arg::required("p", Kind::Int)],
    in_place: true,
    body: Body::Composite(body),
    samples: || vec![sample("dimension 1", 1), sample("dimension 3", 3)],
    errors: || vec![fails(sample("dimension 0", 0), Code::Usage, "greater than or equal to 1")],
    ..OpDef::COMPOSITE
}
.shipped();
