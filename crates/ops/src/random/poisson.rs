//! Poisson numbers.

use crate::invoke;
use crate::shared::random::draw;
use crate::shared::view::samples::fails;
use adjoint_autograd::{
    Api, Arg, Arrays, Body, Call, Check, Facts, Half, OpDef, Sample, SampleTensor, Spec, Specs, Tensor, Vjp,
};
use adjoint_kernels::vecmath::f64::lgamma;
use adjoint_tensor::rng::Generator;
use adjoint_tensor::{Array, Code, Error, Result};

fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    draw::floating(x.dtype())?;
    Ok(Spec::one(x.shape(), x.dtype()))
}

fn check(call: &Call) -> Result<Arrays> {
    match call.input(0).find(|rate| rate.is_nan() || rate < 0.0)? {
        Some(rate) => {
            Err(Error::usage(format!("invalid Poisson rate, expected rate to be non-negative, but got {rate}")))
        }
        None => Ok(Arrays::new()),
    }
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    draw::each_of(call, &mut outs[0], number)
}

/// One number. Below a rate of 10 uniform numbers are multiplied, above it candidates are rejected
/// (Hörmann's transformed rejection, 1993, with PyTorch's constants and order of draws).
fn number(g: &mut Generator, rate: f64) -> f64 {
    if rate == 0.0 {
        return 0.0;
    }
    if rate < 10.0 {
        let least = (-rate).exp();
        let mut count = 0.0;
        let mut product = g.uniform();
        while product > least {
            count += 1.0;
            product *= g.uniform();
        }
        return count;
    }
    let b = 0.931 + 2.53 * rate.sqrt();
    let a = -0.059 + 0.02483 * b;
    let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
    let sure = 0.9277 - 3.6224 / (b - 2.0);
    let log_rate = rate.ln();
    loop {
        let u = g.uniform() - 0.5;
        let v = g.uniform();
        let s = 0.5 - u.abs();
        let k = ((2.0 * a / s + b) * u + rate + 0.43).floor();
        if s >= 0.07 && v <= sure {
            return k;
        }
        if k < 0.0 || (s < 0.013 && v > s) {
            continue;
        }
        if v.ln() + inverse_alpha.ln() - (a / (s * s) + b).ln() <= -rate + k * log_rate - lgamma(k + 1.0) {
            return k;
        }
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "poisson",
    doc: "Returns Poisson numbers: how often something happens that happens `input` times on average.\n\n\
          The same seed gives PyTorch's numbers. The gradient is 0. Fails for a negative rate. Source: PyTorch, `torch.poisson`.",
    args: &[Arg::tensor("input"), draw::GENERATOR],
    surface: &[Api::Function],
    node: "PoissonBackward0",
    check: Check::Values(check),
    body: Body::Kernel { rule, run },
    half: Half::Rounded,
    vjp: Vjp::Fn(draw::no_gradient),
    samples: || {
        let rate = |label, low, high| Sample::new(label, vec![SampleTensor::new(&[6]).range(low, high).constant().into()]);
        vec![rate("small rates", 0.1, 5.0), rate("large rates", 10.0, 100.0)]
    },
    errors: || {
        let rate = SampleTensor::new(&[2]).range(-2.0, -1.0);
        vec![fails(Sample::new("a negative rate", vec![rate.into()]), Code::Usage, "non-negative")]
    },
    ..draw::drawn()
}
.shipped();

/// Poisson numbers of these rates.
pub fn poisson(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
