//! Derivatives of the digamma function.

use crate::invoke;
use crate::shared::elementwise::single;
use adjoint_autograd::op::{Default, HalfOps};
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Backward, Body, Call, Facts, Grads, Kind, OpDef, Sample, SampleTensor, Saves, Spec, Specs,
    Tensor, Vjp,
};
use adjoint_tensor::promotion::to_float;
use adjoint_tensor::{Array, DType, Error, Result};
use smallvec::smallvec;

/// Even Bernoulli numbers B₂ … B₂₄, over which the Euler–Maclaurin tail runs.
const BERNOULLI: [f64; 12] = [
    1.0 / 6.0,
    -1.0 / 30.0,
    1.0 / 42.0,
    -1.0 / 30.0,
    5.0 / 66.0,
    -691.0 / 2730.0,
    7.0 / 6.0,
    -3617.0 / 510.0,
    43867.0 / 798.0,
    -174_611.0 / 330.0,
    854_513.0 / 138.0,
    -236_364_091.0 / 2730.0,
];

/// The Hurwitz zeta function `Σ (x + k)^−s` for `s > 1` and `x > 0`.
///
/// Sums directly until `x + k ≥ 15`, then adds the Euler–Maclaurin tail (Abramowitz and Stegun,
/// 23.1.30).
pub fn zeta(s: f64, x: f64) -> f64 {
    let (mut sum, mut a) = (0.0, x);
    while a < 15.0 {
        sum += a.powf(-s);
        a += 1.0;
    }
    sum += a.powf(1.0 - s) / (s - 1.0) + 0.5 * a.powf(-s);
    // Term j is B₂ⱼ / (2j)! · s (s+1) … (s+2j−2) · a^(−s−2j+1).
    let mut factor = s * a.powf(-s - 1.0) / 2.0;
    for (j, b) in BERNOULLI.iter().enumerate() {
        sum += b * factor;
        let m = 2.0 * (j as f64 + 1.0);
        factor *= (s + m - 1.0) * (s + m) / ((m + 1.0) * (m + 2.0) * a * a);
    }
    sum
}

/// `Σ (x + k)^−s` over all `k ≥ 0` for integer `s` and `x < 0` between two integers: the sum over
/// all integers, which depends on the fractional part alone, less the terms with negative `k`. As
/// many steps as for a positive `x`, however far from 0.
pub fn zeta_below(s: f64, x: f64) -> f64 {
    let turn = if s % 2.0 == 0.0 { 1.0 } else { -1.0 };
    zeta(s, x - x.floor()) + turn * (zeta(s, x.ceil() - x) - zeta(s, 1.0 - x))
}

fn value(n: i64, x: f64) -> f64 {
    // 171! is already infinite.
    let factorial: f64 = (1..=n.min(171)).map(|k| k as f64).product();
    let sign = if n % 2 == 1 { 1.0 } else { -1.0 };
    if x.is_infinite() && (n == 1) == (x < 0.0) {
        return f64::NAN;
    }
    if x <= 0.0 && x == x.floor() {
        return sign * f64::INFINITY;
    }
    if x == f64::INFINITY {
        return 0.0;
    }
    let s = n as f64 + 1.0;
    sign * factorial * if x < 0.0 { zeta_below(s, x) } else { zeta(s, x) }
}

/// PyTorch's trigamma at a negative integer: `(π / sin πx)²`, which is ∞ but for the rounding of π,
/// and a great number with it.
fn trigamma_at_integer(x: f64, dtype: DType) -> f64 {
    let pi = dtype.nearest(std::f64::consts::PI);
    let ratio = pi / dtype.nearest(dtype.nearest(pi * x).sin());
    dtype.nearest(ratio * ratio)
}

/// Orders above 1 in float32 with the sum rounded before the factorial, as PyTorch's function for halves.
fn in_single(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Option<Tensor>> {
    let n = order(attrs)?;
    let Some(x) = inputs.iter().copied().flatten().next().filter(|x| x.dtype().is_half() && n > 1) else {
        return Ok(None);
    };
    let dtype = x.dtype();
    let nearest = |v: f32| dtype.nearest(f64::from(v)) as f32;
    let factorial = (adjoint_kernels::vecmath::f64::lgamma(n as f64 + 1.0) as f32).exp();
    let factor = if n % 2 == 1 { factorial } else { -factorial };
    let s = nearest(n as f32 + 1.0);
    single::of_halves(x, |q| factor * nearest(single::zeta(s, q))).map(Some)
}

fn order(attrs: &Attrs) -> Result<i64> {
    let n = attrs.get_int(0)?;
    if n < 0 {
        return Err(Error::usage(format!("polygamma(n, input) does not support negative n, got {n}")));
    }
    Ok(n)
}

fn rule(call: &Facts) -> Result<Specs> {
    order(call.attrs)?;
    Ok(Spec::like(call.input(0), to_float(call.input(0).dtype())))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let n = order(call.attrs)?;
    let dtype = outs[0].dtype();
    let mut values = call.input(0).to_vec_f64()?;
    for x in &mut values {
        *x = match n {
            1 if *x < 0.0 && x.is_finite() && *x == x.floor() => trigamma_at_integer(*x, dtype),
            _ => value(n, *x),
        };
    }
    match outs[0].dtype() {
        DType::Float32 | DType::Float64 => outs[0].assign(&Array::from_slice(&values, outs[0].shape())?),
        t => Err(Error::dtype(format!("not implemented for {}; cast with to() first", t.name()))),
    }
}

fn vjp(b: &Backward) -> Result<Grads> {
    let n = order(b.attrs())?;
    Ok(smallvec![Some(super::mul::mul(b.g(), &polygamma(n.saturating_add(1), &b.input(0)?)?)?)])
}

/// The op. Order 0 is [`super::digamma`], which `polygamma(0, input)` calls.
pub static DEFS: &[&OpDef] = &[&POLYGAMMA, &DERIVATIVE];

static POLYGAMMA: OpDef = OpDef {
    name: "polygamma",
    doc: "Returns the `n`-th derivative of the digamma function at `input`, element by element.\n\n\
          `n = 0` is `digamma` itself. Infinite at 0 and the negative integers; there `n = 1` gives PyTorch's great numbers. Relative error about 1e−14, \
          from the Hurwitz zeta function. Integers are computed in float32. Source: PyTorch, `torch.polygamma`.",
    args: &[Arg::required("n", Kind::Int), Arg::tensor("input")],
    surface: &[Api::Function, Api::Special],
    body: Body::Composite(|inputs, attrs| {
        let x = inputs[0].ok_or_else(|| Error::usage("expected a tensor"))?;
        Ok(smallvec![polygamma(order(attrs)?, x)?])
    }),
    samples,
    ..OpDef::COMPOSITE
}
.shipped();

static DERIVATIVE: OpDef = OpDef {
    name: "_polygamma",
    part_of: "polygamma",
    doc: "The `n`-th derivative of the digamma function for `n ≥ 1`.",
    node: "PolygammaBackward0",
    args: &[Arg::optional("n", Kind::Int, Default::Int(1)), Arg::tensor("input")],
    surface: &[],
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(vjp),
    saves: Saves::INPUT,
    half_ops: HalfOps::Value(in_single),
    samples,
    ..OpDef::BASE
}
.shipped();

fn samples() -> Vec<Sample> {
    (1..4)
        .map(|n| {
            Sample::new(format!("order {n}"), vec![Attr::Int(n).into(), SampleTensor::new(&[4]).range(0.4, 4.0).into()])
        })
        .collect()
}

/// The `n`-th derivative of the digamma function.
pub fn polygamma(n: i64, x: &Tensor) -> Result<Tensor> {
    if n == 0 {
        return super::digamma::digamma(x);
    }
    invoke::with(&DERIVATIVE, &[Some(x)], Attrs::new().int(n))
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn polygamma_matches_closed_forms() {
        let pi = std::f64::consts::PI;
        assert!((value(1, 1.0) - pi * pi / 6.0).abs() < 1e-14);
        assert!((value(1, 0.5) - pi * pi / 2.0).abs() < 1e-13);
        assert!((value(3, 1.0) - pi.powi(4) / 15.0).abs() < 1e-13);
        assert!((value(2, 1.0) + 2.0 * 1.202_056_903_159_594_2).abs() < 1e-14);
        assert!((value(1, -0.5) - (pi * pi / 2.0 + 4.0)).abs() < 1e-12);
        // ψ″(x) = ψ″(x + 1) − 2 / x³.
        assert!((value(2, -0.5) - (value(2, 0.5) + 16.0)).abs() < 1e-12);
        assert_eq!(value(2, -3.0), f64::NEG_INFINITY);
    }
}
