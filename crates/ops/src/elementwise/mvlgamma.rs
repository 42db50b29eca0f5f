//! The logarithm of the multivariate gamma function.

use super::{add::add, lgamma::lgamma, mul::mul, sub::sub};
use crate::create::arange::arange;
use crate::invoke::number;
use crate::reduce::sum::sum_dims;
use crate::shared::checks::only;
use crate::shared::view::samples::{fails, int};
use crate::view::unsqueeze::unsqueeze;
use adjoint_autograd::{Alias, Arg, Attrs, Body, Kind, OpDef, Outputs, Sample, SampleTensor, Tensor};
use adjoint_tensor::promotion::to_float;
use adjoint_tensor::{Code, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (x, p) = (only(inputs)?, attrs.get_int(0)?);
    if p < 1 {
        return Err(Error::usage(format!("p has to be greater than or equal to 1, got {p}")));
    }
    let terms = usize::try_from(p).map_err(|_| Error::usage(format!("p of {p} is more terms than memory can hold")))?;
    // The first is 0, not −0: it makes an input of −0 one of 0, as PyTorch's does.
    let shifts = sub(&number(0.0)?, &mul(&arange(terms, to_float(x.dtype()))?, &number(0.5)?)?)?;
    let sum = sum_dims(&lgamma(&add(&unsqueeze(x, x.rank())?, &shifts)?)?, &[x.rank()], false)?;
    Ok(smallvec![add(&sum, &number(p as f64 * (p as f64 - 1.0) / 4.0 * std::f64::consts::PI.ln())?)?])
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
          Costs `p` times `lgamma`, and memory for `p` tensors like `input`. Source: PyTorch, `torch.mvlgamma`.",
    args: &[Arg::tensor("input"), Arg::required("p", Kind::Int)],
    in_place: true,
    body: Body::Composite(body),
    samples: || vec![sample("dimension 1", 1), sample("dimension 3", 3)],
    errors: || vec![fails(sample("dimension 0", 0), Code::Usage, "greater than or equal to 1")],
    ..OpDef::COMPOSITE
}
.shipped();
