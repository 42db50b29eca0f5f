//! Binomial numbers.

use crate::invoke;
use crate::shared::random::draw;
use crate::shared::view::samples::fails;
use adjoint_autograd::{
    Api, Arg, Arrays, Body, Call, Check, Facts, Half, OpDef, Sample, SampleTensor, Spec, Specs, Tensor, Vjp,
};
use adjoint_tensor::meta::broadcast_shape;
use adjoint_tensor::rng::Generator;
use adjoint_tensor::{Array, Code, Error, Result, scratch};

fn rule(call: &Facts) -> Result<Specs> {
    let (count, prob) = (call.input(0), call.input(1));
    draw::floating(count.dtype())?;
    if count.dtype() != prob.dtype() {
        let (a, b) = (count.dtype().name(), prob.dtype().name());
        return Err(Error::dtype(format!(
            "count and prob must have the same dtype, got {a} and {b}; cast one with to()"
        )));
    }
    Ok(Spec::one(&broadcast_shape([count, prob])?, count.dtype()))
}

fn check(call: &Call) -> Result<Arrays> {
    if let Some(n) = call.input(0).find(|n| n.is_nan() || n < 0.0)? {
        return Err(Error::usage(format!("expects count to be non-negative, but got {n}")));
    }
    draw::probabilities(call.input(1))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let shape = outs[0].shape();
    let (counts, probs) = (draw::expanded(call.input(0), shape)?, draw::expanded(call.input(1), shape)?);
    let values = draw::with(call, |g| scratch::collected(counts.iter().zip(&probs).map(|(&n, &p)| number(g, n, p))))??;
    outs[0].assign(&Array::from_slice(&values, outs[0].shape())?)
}

/// One number, by the smaller of the probabilities of success and failure.
fn number(g: &mut Generator, count: f64, prob: f64) -> f64 {
    if count <= 0.0 || prob <= 0.0 {
        return 0.0;
    }
    if prob >= 1.0 {
        return count;
    }
    let smaller = if prob <= 0.5 { prob } else { 1.0 - prob };
    let found = if count * smaller >= 10.0 { reject(g, count, smaller) } else { by_gaps(g, count, smaller) };
    if prob <= 0.5 { found } else { count - found }
}

/// Sums the gaps between successes, which are geometric, until they pass the count.
fn by_gaps(g: &mut Generator, count: f64, prob: f64) -> f64 {
    let log = (-prob).ln_1p();
    let (mut sum, mut found) = (0.0, 0.0);
    loop {
        sum += (g.uniform().ln() / log).ceil();
        if sum > count {
            return found;
        }
        found += 1.0;
    }
}

/// Hörmann's BTRS (1993), with PyTorch's acceptance and order of draws.
fn reject(g: &mut Generator, count: f64, prob: f64) -> f64 {
    let deviation = (count * prob * (1.0 - prob)).sqrt();
    let b = 1.15 + 2.53 * deviation;
    let a = -0.0873 + 0.0248 * b + 0.01 * prob;
    let c = count * prob + 0.5;
    let sure = 0.92 - 4.2 / b;
    let r = prob / (1.0 - prob);
    let alpha = (2.83 + 5.1 / b) * deviation;
    let m = ((count + 1.0) * prob).floor();
    loop {
        let u = g.uniform() - 0.5;
        let v = g.uniform();
        let s = 0.5 - u.abs();
        let k = ((2.0 * a / s + b) * u + c).floor();
        if k < 0.0 || k > count {
            continue;
        }
        if s >= 0.07 && v <= sure {
            return k;
        }
        let bound = (m + 0.5) * ((m + 1.0) / (r * (count - m + 1.0))).ln()
            + (count + 1.0) * ((count - m + 1.0) / (count - k + 1.0)).ln()
            + (k + 0.5) * (r * (count - k + 1.0) / (k + 1.0)).ln()
            + tail(m)
            + tail(count - m)
            - tail(k)
            - tail(count - k);
        if (v * alpha / (a / (s * s) + b)).ln() <= bound {
            return k;
        }
    }
}

/// What Stirling's formula leaves of `ln k!`: `ln k! − (k + ½) ln(k + 1) + (k + 1) − ½ ln 2π`.
fn tail(k: f64) -> f64 {
    const SMALL: [f64; 10] = [
        0.081_061_466_795_327_2,
        0.041_340_695_955_409_2,
        0.027_677_925_684_998_3,
        0.020_790_672_103_765_09,
        0.016_644_691_189_821_1,
        0.013_876_128_823_070_7,
        0.011_896_709_945_891_7,
        0.010_411_265_261_972_0,
        0.009_255_462_182_712_73,
        0.008_330_563_433_362_87,
    ];
    if let Some(&found) = SMALL.get(k as usize) {
        return found;
    }
    let square = (k + 1.0) * (k + 1.0);
    (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / 1260.0 / square) / square) / (k + 1.0)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "binomial",
    doc: "Returns binomial numbers: how many of `count` trials succeed, each with probability `prob`.\n\n\
          Both are broadcast and must have one floating dtype. The same seed gives PyTorch's numbers. The gradient is 0. Fails for a \
          negative count and for what is not a probability. Source: PyTorch, `torch.binomial`.",
    args: &[Arg::tensor("count"), Arg::tensor("prob"), draw::GENERATOR],
    surface: &[Api::Function],
    node: "BinomialBackward0",
    check: Check::Values(check),
    body: Body::Kernel { rule, run },
    half: Half::Rounded,
    vjp: Vjp::Fn(draw::no_gradient),
    samples: || {
        let case = |label, low, high| {
            let count = SampleTensor::new(&[2, 3]).range(low, high).constant();
            Sample::new(label, vec![count.into(), SampleTensor::new(&[3]).range(0.1, 0.9).constant().into()])
        };
        vec![case("few trials", 1.0, 5.0), case("many trials", 100.0, 200.0)]
    },
    errors: || {
        let prob = SampleTensor::new(&[2]).range(0.1, 0.9);
        let count = SampleTensor::new(&[2]).range(-2.0, -1.0);
        vec![fails(Sample::new("a negative count", vec![count.into(), prob.into()]), Code::Usage, "non-negative")]
    },
    ..draw::drawn()
}
.shipped();

/// How many of `count` trials succeed with probability `prob`.
pub fn binomial(count: &Tensor, prob: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, count, prob)
}
