//! Gamma numbers of rate 1, with their implicit gradient.

use crate::elementwise::mul::mul;
use crate::invoke;
use crate::shared::random::draw;
use crate::shared::view::samples::fails;
use adjoint_autograd::{
    Api, Arg, Arrays, Backward, Body, Call, Check, Class, Facts, Grads, Half, OpDef, Sample, SampleTensor, Saves, Spec,
    Specs, Tensor, Vjp,
};
use adjoint_kernels::vecmath::f64::digamma;
use adjoint_tensor::rng::Generator;
use adjoint_tensor::{Array, Code, DType, Error, Result, scratch};
use smallvec::smallvec;

/// Fails unless every element is positive, or 0.
pub(super) fn check(call: &Call) -> Result<Arrays> {
    match call.input(0).find(|alpha| alpha.is_nan() || alpha < 0.0)? {
        Some(alpha) => Err(Error::usage(format!("expects concentrations of at least 0, but got {alpha}"))),
        None => Ok(Arrays::new()),
    }
}

/// The least positive normal number of a dtype.
pub(super) fn tiny(dtype: DType) -> f64 {
    if dtype == DType::Float64 { f64::MIN_POSITIVE } else { f64::from(f32::MIN_POSITIVE) }
}

/// One number: Marsaglia and Tsang's rejection (2000), below a concentration of 1 by one of
/// concentration + 1. Constants are of single precision, as PyTorch's are, and with a `single`
/// concentration so is what is made of it.
pub(super) fn gamma(g: &mut Generator, concentration: f64, single: bool) -> f64 {
    if concentration == 0.0 {
        return 0.0;
    }
    let round = |v: f64| if single { f64::from(v as f32) } else { v };
    let (mut alpha, mut scale) = (concentration, 1.0);
    if alpha < 1.0 {
        scale = (1.0 - g.uniform()).powf(round(1.0 / alpha));
        alpha = round(alpha + 1.0);
    }
    let d = round(alpha - f64::from(1.0f32 / 3.0));
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let (x, y) = loop {
            let x = g.normal();
            let y = 1.0 + c * x;
            if y > 0.0 {
                break (x, y);
            }
        };
        let v = y * y * y;
        let u = 1.0 - g.uniform();
        let square = x * x;
        if u < 1.0 - f64::from(0.0331f32) * square * square || u.ln() < 0.5 * square + d * (1.0 - v + v.ln()) {
            return scale * d * v;
        }
    }
}

fn rule(call: &Facts) -> Result<Specs> {
    draw::floating(call.input(0).dtype())?;
    Ok(Spec::one(call.input(0).shape(), call.input(0).dtype()))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (least, single) = (tiny(outs[0].dtype()), outs[0].dtype() != DType::Float64);
    draw::each_of(call, &mut outs[0], |g, alpha| gamma(g, alpha, single).max(least))
}

fn vjp(b: &Backward) -> Result<Grads> {
    let dx = invoke::binary(&GRAD, &b.input(0)?, &b.output(0)?)?;
    Ok(smallvec![Some(mul(b.g(), &dx)?)])
}

/// `dx/dα` of a gamma number `x` at a fixed point of its distribution, `−(dF/dα) / p(x)`: by a
/// series for small `x`, a saddle point for large `α`, else a rational approximation; PyTorch's
/// choice of these, and its coefficients.
fn implicit(alpha: f64, x: f64) -> f64 {
    if x < f64::from(0.8f32) {
        return by_series(alpha, x);
    }
    if alpha > 8.0 {
        return by_saddle_point(alpha, x);
    }
    const U: [[f64; 8]; 3] = [
        [0.16009398, -0.094634809, 0.025146376, -0.0030648343, 1.0, 0.32668115, 0.10406089, 0.0014179084],
        [0.53487893, 0.1298071, 0.065735949, -0.0015649758, 0.16639465, 0.020070113, -0.0035938915, -0.00058392623],
        [
            0.040121004,
            -0.0065914022,
            -0.0026286047,
            -0.0013441777,
            0.017050642,
            -0.0021309326,
            0.00085092367,
            -1.5247877e-07,
        ],
    ];
    let (u, v) = ((x / alpha).ln(), alpha.ln());
    let at = |i: usize| U[0][i] + u * (U[1][i] + u * U[2][i]);
    let cubic = |i: usize| at(i) + v * (at(i + 1) + v * (at(i + 2) + v * at(i + 3)));
    (cubic(0) / cubic(4)).exp()
}

fn by_series(alpha: f64, x: f64) -> f64 {
    let (mut numerator, mut denominator) = (1.0, alpha);
    let (mut first, mut second) = (1.0 / alpha, 1.0 / (alpha * alpha));
    for i in 1..=5 {
        numerator *= -x / f64::from(i);
        denominator += 1.0;
        first += numerator / denominator;
        second += numerator / (denominator * denominator);
    }
    let power = x.powf(alpha);
    let density = x.powf(alpha - 1.0) * (-x).exp();
    let slope = (x.ln() - digamma(alpha)) * power * first - power * second;
    let found = -slope / density;
    if found.is_nan() { 0.0 } else { found }
}

fn by_saddle_point(alpha: f64, x: f64) -> f64 {
    if f64::from(0.9f32) * alpha <= x && x <= f64::from(1.1f32) * alpha {
        let first = 1.0 + 24.0 * alpha * (1.0 + 12.0 * alpha);
        let second =
            1440.0 * alpha * alpha + 6.0 * x * (53.0 - 120.0 * x) - 65.0 * x * x / alpha + alpha * (107.0 + 3600.0 * x);
        return first * second / (1_244_160.0 * (alpha * alpha) * (alpha * alpha));
    }
    let root = (8.0 * alpha).sqrt();
    let far = root / (alpha - x);
    let near = (x - alpha - alpha * (x / alpha).ln()).powf(-1.5);
    let both = if x < alpha { far - near } else { far + near };
    let term = (x / alpha).ln() * both - (2.0 / alpha).sqrt() * (alpha + x) / ((alpha - x) * (alpha - x));
    let stirling = 1.0 + 1.0 / (12.0 * alpha) * (1.0 + 1.0 / (24.0 * alpha));
    -stirling * x * term / root
}

/// The ops: the numbers and their derivative.
pub static DEFS: &[&OpDef] = &[&DEF, &GRAD];

static DEF: OpDef = OpDef {
    name: "_standard_gamma",
    part_of: "distributions.Gamma",
    doc: "Returns gamma numbers with the concentrations `input` and rate 1.\n\n\
          The same seed gives PyTorch's numbers. The gradient is the implicit one, `−(dF/dα) / p(x)`, in PyTorch's approximation. \
          Source: PyTorch, `torch._standard_gamma`.",
    args: &[Arg::tensor("input"), draw::GENERATOR],
    surface: &[Api::Function],
    node: "StandardGammaBackward0",
    check: Check::Values(check),
    body: Body::Kernel { rule, run },
    half: Half::Rounded,
    vjp: Vjp::Fn(vjp),
    saves: Saves::BOTH,
    samples: || {
        let case = |label, low, high| Sample::new(label, vec![SampleTensor::new(&[6]).range(low, high).constant().into()]);
        vec![case("small", 0.1, 0.9), case("large", 1.0, 20.0)]
    },
    errors: || {
        let alpha = SampleTensor::new(&[2]).range(-2.0, -1.0);
        vec![fails(Sample::new("negative", vec![alpha.into()]), Code::Usage, "at least 0")]
    },
    ..draw::drawn()
}
.shipped();

static GRAD: OpDef = OpDef {
    name: "_standard_gamma_grad",
    part_of: "distributions.Gamma",
    doc: "The derivative of gamma numbers `output` by their concentrations `input`.",
    args: &[Arg::tensor("input"), Arg::tensor("output")],
    class: Class::Opaque,
    surface: &[],
    body: Body::Kernel {
        rule: |call| Ok(Spec::one(call.input(0).shape(), call.input(0).dtype())),
        run: |call, outs| {
            let (alpha, x) = (call.input(0).to_vec_f64()?, call.input(1).to_vec_f64()?);
            let values = scratch::collected(alpha.iter().zip(&x).map(|(&alpha, &x)| implicit(alpha, x)))?;
            outs[0].assign(&Array::from_slice(&values, outs[0].shape())?)
        },
    },
    half: Half::Rounded,
    vjp: Vjp::None("PyTorch has no second derivative of gamma numbers"),
    samples: || {
        let t = || SampleTensor::new(&[6]).range(0.1, 20.0).constant().into();
        vec![Sample::new("a vector", vec![t(), t()])]
    },
    ..OpDef::BASE
}
.shipped();

/// Gamma numbers of these concentrations.
pub fn standard_gamma(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
