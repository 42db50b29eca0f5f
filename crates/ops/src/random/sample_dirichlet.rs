//! Points of a simplex, with their implicit gradient.

use super::standard_gamma::{check, gamma, tiny};
use crate::elementwise::{mul::mul, sub::sub};
use crate::invoke;
use crate::reduce::sum::sum_dims;
use crate::shared::random::draw;
use crate::shared::view::samples::fails;
use adjoint_autograd::{
    Api, Arg, Backward, Body, Call, Check, Class, Facts, Grads, Half, OpDef, Sample, SampleTensor, Saves, Spec, Specs,
    Tensor, Vjp,
};
use adjoint_kernels::vecmath::f64::digamma;
use adjoint_tensor::{Array, Code, DType, Error, Result, scratch};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    draw::floating(x.dtype())?;
    if x.rank() == 0 {
        return Err(Error::shape("input must have at least one dim, got a 0-dim tensor"));
    }
    Ok(Spec::one(x.shape(), x.dtype()))
}

/// Gamma numbers divided by their sum, away from 0 and 1.
fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let alphas = call.input(0).to_vec_f64()?;
    let mut values = draw::with(call, |g| {
        scratch::collected(alphas.iter().map(|&alpha| gamma(g, alpha, false).max(f64::MIN_POSITIVE)))
    })??;
    let dtype = outs[0].dtype();
    let most = if dtype == DType::Float64 { 1.0 - f64::EPSILON / 2.0 } else { f64::from(1.0 - f32::EPSILON / 2.0) };
    for row in values.chunks_mut((*outs[0].shape().last().unwrap_or(&1)).max(1)) {
        let sum: f64 = row.iter().sum();
        for v in row {
            *v = (*v / sum).max(tiny(dtype)).min(most);
        }
    }
    outs[0].assign(&Array::from_slice(&values, outs[0].shape())?)
}

/// `dα = x' · (g − Σ x·g)`, where `x'` is the derivative of each number by its concentration with
/// the others scaled.
fn vjp(b: &Backward) -> Result<Grads> {
    let (alpha, x) = (b.input(0)?, b.output(0)?);
    let last = [x.rank() - 1];
    let total = sum_dims(&alpha, &last, true)?;
    let slope = invoke::with(&GRAD, &[Some(&x), Some(&alpha), Some(&total)], adjoint_autograd::Attrs::new())?;
    let dot = sum_dims(&mul(&x, b.g())?, &last, true)?;
    Ok(smallvec![Some(mul(&slope, &sub(b.g(), &dot)?)?)])
}

/// `−(dF/dα) / p(x) / (1 − x)` of a beta number `x` with concentrations `α` and `total − α`: by
/// series near 0 and 1, a saddle point where both are large, else a rational correction; PyTorch's
/// choice of these, and its coefficients.
fn implicit(x: f64, alpha: f64, total: f64) -> f64 {
    let beta = total - alpha;
    let boundary = total * x * (1.0 - x);
    if x <= 0.5 && boundary < 2.5 {
        return near_zero(x, alpha, beta);
    }
    if x >= 0.5 && boundary < 0.75 {
        return -near_one(1.0 - x, beta, alpha);
    }
    if alpha > 6.0 && beta > 6.0 {
        return by_saddle_point(x, alpha, beta);
    }
    let u = x.ln();
    let a = alpha.ln() - u;
    let b = total.ln() - a;
    let polynomial = |of: &[[[f64; 4]; 3]; 3]| {
        let mut sum = 0.0;
        for (i, by_a) in of.iter().enumerate() {
            for (j, c) in by_a.iter().enumerate() {
                sum += u.powi(i as i32) * a.powi(j as i32) * (c[0] + b * (c[1] + b * (c[2] + b * c[3])));
            }
        }
        sum
    };
    polynomial(&NUMERATOR) / polynomial(&DENOMINATOR) * x * (digamma(total) - digamma(alpha)) / beta
}

const NUMERATOR: [[[f64; 4]; 3]; 3] = [
    [
        [1.003668233, -0.01061107488, -0.0657888334, 0.01201642863],
        [0.6336835991, -0.3557432599, 0.05486251648, -0.001465281033],
        [-0.03276231906, 0.004474107445, 0.002429354597, -0.0001557569013],
    ],
    [
        [0.221950385, -0.3187676331, 0.01799915743, 0.01074823814],
        [-0.2951249643, 0.06219954479, 0.01535556598, 0.001550077057],
        [0.02155310298, 0.004170831599, 0.001292462449, 6.976601077e-05],
    ],
    [
        [-0.05980841433, 0.008441916499, 0.01085618172, 0.002319392565],
        [0.02911413504, 0.01400243777, -0.002721828457, 0.000751041181],
        [0.005900514878, -0.001936558688, -9.495446725e-06, 5.385558597e-05],
    ],
];

const DENOMINATOR: [[[f64; 4]; 3]; 3] = [
    [
        [1.0, -0.02924021934, -0.04438342661, 0.007285809825],
        [0.6357567472, -0.3473456711, 0.05454656494, -0.002407477521],
        [-0.03301322327, 0.004845219414, 0.00231480583, -0.0002307248149],
    ],
    [
        [0.5925320577, -0.1757678135, 0.01505928619, 0.000564515273],
        [0.1014815858, -0.06589186703, 0.01272886114, -0.0007316646956],
        [-0.007258481865, 0.001096195486, 0.0003934994223, -4.12701925e-05],
    ],
    [
        [0.06469649321, -0.0236701437, 0.002902096474, -5.896963079e-05],
        [0.001925008108, -0.002869809258, 0.0008000589141, -6.063713228e-05],
        [-0.0003477407336, 6.959756487e-05, 1.097287507e-05, -1.650964693e-06],
    ],
];

fn near_zero(x: f64, alpha: f64, beta: f64) -> f64 {
    let factor = digamma(alpha) - digamma(alpha + beta) - x.ln();
    let mut numerator = 1.0;
    let mut series = (factor + 1.0 / alpha) / alpha;
    for i in (1..=10).map(f64::from) {
        numerator *= (i - beta) * x / i;
        series += numerator / (alpha + i) * (factor + 1.0 / (alpha + i));
    }
    let found = x * (1.0 - x).powf(-beta) * series;
    if found.is_nan() { 0.0 } else { found }
}

fn near_one(x: f64, alpha: f64, beta: f64) -> f64 {
    let factor = digamma(alpha + beta) - digamma(beta);
    let (mut numerator, mut product, mut slope) = (1.0, 1.0, 0.0);
    let mut series = factor / alpha;
    for i in (1..=8).map(f64::from) {
        numerator *= -x / i;
        slope = slope * (beta - i) + product;
        product *= beta - i;
        series += numerator / (alpha + i) * (slope + factor * product);
    }
    let found = -(1.0 - x).powf(1.0 - beta) * series;
    if found.is_nan() { 0.0 } else { found }
}

fn by_saddle_point(x: f64, alpha: f64, beta: f64) -> f64 {
    let total = alpha + beta;
    let mean = alpha / total;
    let deviation = (alpha * beta / (total + 1.0)).sqrt() / total;
    if (x - mean).abs() <= 0.1 * deviation {
        // The formula below is 0/0 at the mean.
        let (b2, b3, b4) = (beta * beta, beta * beta * beta, beta * beta * beta * beta);
        let inner =
            (453.0 + 1620.0 * beta * (1.0 - x) - 455.0 * x) * beta + alpha * (8.0 * (1.0 - x) * (135.0 * beta - 11.0));
        let middle = 3.0 * (59.0 + 180.0 * beta - 90.0 * x) * b2 + alpha * inner;
        let outer = (43.0 + 20.0 * (16.0 + 27.0 * beta) * x) * b3 + alpha * middle;
        let polynomial = 47.0 * x * b4 + alpha * outer;
        let numerator = (1.0 + 12.0 * alpha) * (1.0 + 12.0 * beta) / (total * total);
        let denominator = 12960.0 * alpha * alpha * alpha * b2 * (1.0 + 12.0 * total);
        return numerator / (1.0 - x) * polynomial / denominator;
    }
    let prefactor = -x / (2.0 * alpha * beta / total).sqrt();
    let factorial = |v: f64| 1.0 + 1.0 / (12.0 * v) + 1.0 / (288.0 * v * v);
    let stirling = factorial(alpha) * factorial(beta) / factorial(total);
    let offset = alpha * (x - 1.0) + beta * x;
    let first = (2.0 * alpha * alpha * (x - 1.0) + alpha * beta * (x - 1.0) - x * beta * beta)
        / ((2.0 * alpha / beta).sqrt() * total.powf(1.5) * offset * offset);
    let half = 0.5 * (alpha / (total * x)).ln();
    let far = (8.0 * alpha * beta / total).sqrt() / offset;
    let near = (beta * (beta / (total * (1.0 - x))).ln() + alpha * (alpha / (total * x)).ln()).powf(-1.5);
    stirling * prefactor * (first + half * (far + if x < mean { near } else { -near }))
}

/// The ops: the numbers and their derivative.
pub static DEFS: &[&OpDef] = &[&DEF, &GRAD];

static DEF: OpDef = OpDef {
    name: "_sample_dirichlet",
    part_of: "distributions.Dirichlet",
    doc: "Returns points of a simplex, drawn with the concentrations `input` along the last dim: gamma numbers divided by their sum.\n\n\
          The same seed gives PyTorch's numbers. The gradient is the implicit one in PyTorch's approximation. \
          Source: PyTorch, `torch._sample_dirichlet`.",
    args: &[Arg::tensor("input"), draw::GENERATOR],
    surface: &[Api::Function],
    node: "SampleDirichletBackward0",
    check: Check::Values(check),
    body: Body::Kernel { rule, run },
    half: Half::Rounded,
    vjp: Vjp::Fn(vjp),
    saves: Saves::BOTH,
    samples: || {
        let case = |label, low, high| Sample::new(label, vec![SampleTensor::new(&[2, 3]).range(low, high).constant().into()]);
        vec![case("small", 0.1, 0.9), case("large", 1.0, 20.0)]
    },
    errors: || vec![fails(Sample::new("no dims", vec![SampleTensor::new(&[]).range(1.0, 2.0).into()]), Code::Shape, "at least one dim")],
    ..draw::drawn()
}
.shipped();

static GRAD: OpDef = OpDef {
    name: "_dirichlet_grad",
    part_of: "distributions.Dirichlet",
    doc: "The derivative of each of the numbers `x` by its concentration `alpha`, of which `total` is the sum.",
    args: &[Arg::tensor("x"), Arg::tensor("alpha"), Arg::tensor("total")],
    class: Class::Opaque,
    surface: &[],
    body: Body::Kernel {
        rule: |call| Ok(Spec::one(call.input(0).shape(), call.input(0).dtype())),
        run: |call, outs| {
            let (x, alpha) = (call.input(0).to_vec_f64()?, call.input(1).to_vec_f64()?);
            let total = draw::expanded(call.input(2), outs[0].shape())?;
            let values = scratch::collected((0..x.len()).map(|i| implicit(x[i], alpha[i], total[i])))?;
            outs[0].assign(&Array::from_slice(&values, outs[0].shape())?)
        },
    },
    half: Half::Rounded,
    vjp: Vjp::None("PyTorch has no second derivative of Dirichlet numbers"),
    samples: || {
        let t = |shape, low, high| SampleTensor::new(shape).range(low, high).constant().into();
        vec![Sample::new("rows", vec![t(&[2, 3], 0.1, 0.4), t(&[2, 3], 0.5, 3.0), t(&[2, 1], 9.0, 10.0)])]
    },
    ..OpDef::BASE
}
.shipped();

/// Points of a simplex of these concentrations.
pub fn sample_dirichlet(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
