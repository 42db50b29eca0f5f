//! Indices drawn with given weights.

use crate::invoke;
use crate::shared::random::draw;
use adjoint_autograd::{
    Api, Arg, Arrays, Attr, Attrs, Body, Call, Check, Default, ErrorSample, Facts, Half, Kind, OpDef, Sample,
    SampleTensor, Spec, Specs, Tensor,
};
use adjoint_kernels::index;
use adjoint_kernels::reduce::Axis;
use adjoint_tensor::array::checked_size;
use adjoint_tensor::rng::Generator;
use adjoint_tensor::{Array, Code, DType, Error, Result, scratch};
use smallvec::smallvec;

#[allow(clippy::disallowed_methods, reason = "by rank")]
fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    draw::floating(x.dtype())?;
    if !(1..=2).contains(&x.rank()) {
        return Err(Error::shape(format!("input must have 1 or 2 dims, got shape {:?}", x.shape())));
    }
    let n = x.shape()[x.rank() - 1];
    let samples = call.attrs.get_int(0)?;
    if samples <= 0 {
        return Err(Error::usage(format!("numSamples must be larger than 0, got {samples}")));
    }
    if !call.attrs.get_bool(1) && samples > n as i64 {
        return Err(Error::usage(format!(
            "cannot draw {samples} samples of {n} without replacement; pass replacement: true or draw fewer"
        )));
    }
    if n == 0 && x.shape()[..x.rank() - 1].iter().all(|&rows| rows > 0) {
        return Err(Error::usage("invalid multinomial distribution (a row without categories)"));
    }
    let mut shape = x.shape().to_vec();
    shape[x.rank() - 1] = checked_size(samples)?;
    Ok(Spec::one(shape, DType::Int64))
}

/// Fails unless every row is one of weights; returns them in double precision.
fn check(call: &Call) -> Result<Arrays> {
    let x = call.input(0);
    let weights = x.cast(DType::Float64)?.contiguous()?;
    for row in weights.as_slice::<f64>().chunks(x.shape()[x.rank() - 1].max(1)) {
        if row.iter().any(|p| !p.is_finite() || *p < 0.0) {
            return Err(Error::usage("probability tensor contains either inf, nan or element < 0"));
        }
        if row.iter().sum::<f64>() <= 0.0 {
            return Err(Error::usage("invalid multinomial distribution (sum of probabilities <= 0)"));
        }
    }
    Ok(smallvec![weights])
}

/// The indices of the largest `weight / exponential`, the largest first: without replacement in one
/// pass (the exponential race). PyTorch draws a single sample so too.
fn race(g: &mut Generator, weights: &[f64], single: bool, out: &mut [i64]) -> Result<()> {
    let round = |v: f64| if single { f64::from(v as f32) } else { v };
    let keys = scratch::collected(weights.iter().map(|&w| round(w / round(g.exponential(1.0)))))?;
    let mut largest = scratch::filled(0.0, out.len())?;
    index::topk(&keys, Axis::whole(keys.len()), out.len(), true, &mut largest, out);
    Ok(())
}

/// The first index whose cumulative probability reaches a uniform number, for each sample.
fn replace(g: &mut Generator, weights: &[f64], single: bool, out: &mut [i64]) -> Result<()> {
    let round = |v: f64| if single { f64::from(v as f32) } else { v };
    let mut sum = 0.0;
    let mut cumulative = scratch::collected(weights.iter().map(|&w| {
        sum = round(sum + w);
        sum
    }))?;
    for c in &mut cumulative {
        *c = round(*c / sum);
    }
    let last = cumulative.len() - 1;
    for y in out {
        let u = g.uniform();
        *y = cumulative[..last].partition_point(|&c| c < u) as i64;
    }
    Ok(())
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let x = call.input(0);
    let single = x.dtype() == DType::Float32;
    let (n, samples) = (x.shape()[x.rank() - 1], outs[0].shape()[x.rank() - 1]);
    let pick = if call.attrs.get_bool(1) && samples > 1 { replace } else { race };
    let weights = call.checked[0].as_slice::<f64>();
    draw::with(call, |g| {
        for (row, out) in weights.chunks(n.max(1)).zip(outs[0].as_mut_slice::<i64>().chunks_mut(samples)) {
            pick(g, row, single, out)?;
        }
        Ok(())
    })?
}

fn sample(label: &str, shape: &[usize], n: i64, replacement: bool) -> Sample {
    let weights = SampleTensor::new(shape).range(0.1, 1.0).constant();
    Sample::new(label, vec![weights.into(), Attr::Int(n).into(), Attr::Bool(replacement).into()])
}

fn errors() -> Vec<ErrorSample> {
    let e = |sample, message| ErrorSample { sample, code: Code::Usage, message };
    vec![
        e(sample("more than there are", &[2], 3, false), "3 samples of 2 without replacement"),
        e(sample("no samples", &[2], 0, true), "larger than 0"),
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "multinomial",
    doc: "Returns `num_samples` indices of each row of `input`, drawn with the row's values as weights, as int64.\n\n\
          Weights need not sum to 1 but must be finite and non-negative with a positive sum. Without `replacement` no index comes \
          twice. The same seed gives PyTorch's indices. Source: PyTorch, `torch.multinomial`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("num_samples", Kind::Int),
        Arg::optional("replacement", Kind::Bool, Default::Bool(false)),
        draw::GENERATOR,
    ],
    surface: &[Api::Function, Api::Method],
    check: Check::Values(check),
    body: Body::Kernel { rule, run },
    half: Half::Rounded,
    samples: || {
        vec![
            sample("with replacement", &[4], 6, true),
            sample("without replacement", &[2, 4], 3, false),
            sample("one", &[4], 1, true),
        ]
    },
    errors,
    ..draw::drawn()
}
.shipped();

/// `samples` indices a row, drawn with the row's values as weights.
pub fn multinomial(x: &Tensor, samples: usize, replacement: bool) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x)], Attrs::new().int(samples as i64).bool(replacement))
}
