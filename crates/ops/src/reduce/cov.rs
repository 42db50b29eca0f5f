//! Covariances and correlations of variables.

use super::sum::{sum_all, sum_dims};
use crate::contract::mm::mm;
use crate::elementwise::{clamp::clamp, clamp_min::clamp_min, div::div, mul::mul, sqrt::sqrt, sub::sub, to::to};
use crate::invoke::number;
use crate::shared::checks;
use crate::shared::view::samples::{call, fails, int};
use crate::view::{diagonal::diagonal, reshape::reshape, t::t, unsqueeze::unsqueeze};
use adjoint_autograd::{
    Arg, Attr, Attrs, Body, Default, Half, Kind, OpDef, Outputs, SampleTensor, Tensor, given, required,
};
use adjoint_tensor::promotion::to_float;
use adjoint_tensor::{Code, Error, Result, Scalar};
use smallvec::smallvec;

fn rows(x: &Tensor) -> Result<Tensor> {
    if x.rank() > 2 {
        return Err(Error::shape(format!("expected input to have two or fewer dimensions, got shape {:?}", x.shape())));
    }
    if x.rank() < 2 { reshape(x, &[1, x.numel()]) } else { Ok(x.clone()) }
}

/// Weights of observations, checked.
fn weights<'a>(w: Option<&'a Tensor>, name: &str, n: usize) -> Result<Option<&'a Tensor>> {
    let Some(w) = w else { return Ok(None) };
    if w.rank() > 1 {
        return Err(Error::shape(format!(
            "expected {name} to have one or fewer dimensions, got shape {:?}",
            w.shape()
        )));
    }
    if w.numel() != n {
        return Err(Error::shape(format!(
            "expected {name} to have as many elements as there are observations, got {} and {n}",
            w.numel()
        )));
    }
    Ok(Some(w))
}

fn covariance(x: &Tensor, correction: i64, fweights: Option<&Tensor>, aweights: Option<&Tensor>) -> Result<Tensor> {
    let single = x.rank() < 2;
    let x = rows(x)?;
    let n = x.shape()[1];
    let x = to(&x, to_float(x.dtype()))?;
    let (f, a) = (weights(fweights, "fweights", n)?, weights(aweights, "aweights", n)?);
    if let Some(f) = f.filter(|f| f.dtype().is_float()) {
        return Err(checks::wrong_integers("fweights", "int64 or another integer", f.dtype()));
    }
    if let Some(a) = a {
        checks::floating("aweights", a.dtype())?;
    }
    let w = match (f, a) {
        (Some(f), Some(a)) => Some(mul(f, a)?),
        (f, a) => f.or(a).cloned(),
    };
    let weighted = |x: &Tensor| w.as_ref().map_or_else(|| Ok(x.clone()), |w| mul(x, w));
    let total = match &w {
        Some(w) => sum_all(w)?,
        None => number(n as f64)?,
    };
    let mean = div(&sum_dims(&weighted(&x)?, &[1], true)?, &total)?;
    let shift = number(correction as f64)?;
    let norm = match (&w, a) {
        (Some(w), Some(a)) if correction != 0 => sub(&total, &div(&mul(&shift, &sum_all(&mul(w, a)?)?)?, &total)?)?,
        _ => sub(&total, &shift)?,
    };
    let far = sub(&x, &mean)?;
    let other = weighted(&far)?;
    let dtype = other.dtype();
    let c = div(&mm(&to(&far, dtype)?, &t(&other)?)?, &clamp_min(&norm, Scalar::Int(0))?)?;
    let c = to(&c, x.dtype())?;
    if single || c.numel() == 1 { reshape(&c, &[]) } else { Ok(c) }
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    Ok(smallvec![covariance(x, attrs.opt_int(0).unwrap_or(1), given(inputs, 1), given(inputs, 2))?])
}

fn correlations(inputs: &[Option<&Tensor>], _: &Attrs) -> Result<Outputs> {
    let c = covariance(required(inputs, 0), 1, None, None)?;
    if c.rank() == 0 {
        return Ok(smallvec![div(&c, &c)?]);
    }
    let spread = sqrt(&diagonal(&c, 0, 0, 1)?)?;
    let c = div(&div(&c, &unsqueeze(&spread, 1)?)?, &unsqueeze(&spread, 0)?)?;
    Ok(smallvec![clamp(&c, Scalar::Int(-1), Scalar::Int(1))?])
}

/// The ops.
pub static DEFS: &[&OpDef] = &[&CORRCOEF, &COV];

static COV: OpDef = OpDef {
    name: "cov",
    doc: "Returns the covariances of the rows of `input`, whose columns are observations; a vector is one row.\n\n\
          `fweights` says how often each observation comes, `aweights` how much it counts. The divisor is the number of \
          observations less `correction`. Integers give float32. Source: PyTorch, `torch.cov`.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("correction", Kind::Int, Default::Int(1)),
        Arg::optional("fweights", Kind::Tensor, Default::None),
        Arg::optional("aweights", Kind::Tensor, Default::None),
    ],
    half: Half::Once,
    body: Body::Composite(body),
    samples: || {
        let mut weighted = call("weights", &[2, 4], [int(0)]);
        weighted.args.push(SampleTensor::ints(&[4], 1, 3).into());
        weighted.args.push(SampleTensor::new(&[4]).range(0.5, 2.0).into());
        vec![call("two variables", &[2, 4], [int(1)]), call("a vector", &[5], []), weighted]
    },
    errors: || vec![fails(call("three dims", &[2, 2, 2], [] as [Attr; 0]), Code::Shape, "two or fewer")],
    ..OpDef::COMPOSITE
}
.shipped();

static CORRCOEF: OpDef = OpDef {
    name: "corrcoef",
    doc: "Returns the correlations of the rows of `input`, whose columns are observations; a vector is one row.\n\n\
          Rounded into [−1, 1]. Integers give float32. Source: PyTorch, `torch.corrcoef`.",
    args: &[Arg::tensor("input")],
    body: Body::Composite(correlations),
    samples: || vec![call("two variables", &[2, 4], [])],
    ..COV
}
.shipped();
