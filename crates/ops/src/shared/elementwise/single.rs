//! The digamma and zeta functions in float32, step by step as PyTorch computes them for float16 and
//! bfloat16.
//!
//! Near their zeros the roundings of these steps are more than a unit in the last place of a half.
//! Other dtypes have the accurate functions. Source: PyTorch, `calc_digamma` and `zeta` in
//! `aten/src/ATen/native/Math.h`, after Moshier's Cephes library.

use adjoint_autograd::Tensor;
use adjoint_tensor::{Array, Result, scratch};

/// A function in float32 of every element of a tensor of halves, rounded to its dtype.
pub fn of_halves(x: &Tensor, f: impl Fn(f32) -> f32) -> Result<Tensor> {
    let batch = x.array().batch();
    let all = x.array().physical(batch, 0)?;
    let values = all.to_vec_f64()?;
    let found = scratch::collected(values.iter().map(|&v| f(v as f32)))?;
    let found = Array::from_slice(&found, all.shape())?.cast(x.dtype())?;
    batch.iter().try_fold(found, |x, dim| x.hide(0, dim.level)).map(Tensor::from_array)
}

/// `B₂ₖ / 2k`, k = 7 … 1: the asymptotic series of the digamma function (Abramowitz and Stegun,
/// 6.3.18).
const ASYMPTOTIC: [f32; 7] =
    [1.0 / 12.0, -691.0 / 32760.0, 1.0 / 132.0, -1.0 / 240.0, 1.0 / 252.0, -1.0 / 120.0, 1.0 / 12.0];

/// `(2k)! / B₂ₖ`, k = 1 … 12: the Euler–Maclaurin tail of the zeta function (23.1.30).
const TAIL: [f32; 12] = [
    12.0,
    -720.0,
    30240.0,
    -1_209_600.0,
    47_900_160.0,
    (-1_307_674_368_000.0_f64 / 691.0) as f32,
    74_724_249_600.0,
    (-10_670_622_842_880_000.0_f64 / 3617.0) as f32,
    (5_109_094_217_170_944_000.0_f64 / 43867.0) as f32,
    (-802_857_662_698_291_200_000.0_f64 / 174_611.0) as f32,
    (155_112_100_433_309_859_840_000.0_f64 / 854_513.0) as f32,
    (-1_693_824_136_731_743_669_452_800_000.0_f64 / 236_364_091.0) as f32,
];

/// ψ(10).
const PSI_10: f32 = 2.251_752_6;

/// The derivative of `log Γ`.
pub fn digamma(x: f32) -> f32 {
    if x == 0.0 {
        return f32::INFINITY.copysign(-x);
    }
    if x < 0.0 {
        if x == x.trunc() {
            return f32::NAN;
        }
        let pi = std::f64::consts::PI;
        return digamma(1.0 - x) - (pi / (pi * f64::from(x).fract()).tan()) as f32;
    }
    let (mut x, mut sum) = (x, 0.0);
    while x < 10.0 {
        sum -= 1.0 / x;
        x += 1.0;
    }
    if x == 10.0 {
        return sum + PSI_10;
    }
    let mut series = 0.0;
    if x < 1e17 {
        let z = 1.0 / (x * x);
        series = z * ASYMPTOTIC.iter().fold(0.0, |sum, c| sum * z + c);
    }
    sum + x.ln() - 0.5 / x - series
}

/// The Hurwitz zeta function `Σ (q + k)^−s` for an integer `s ≥ 2`; below 0 the sum over all k.
pub fn zeta(s: f32, q: f32) -> f32 {
    const LEAST: f32 = 1.110_223e-16;
    if q <= 0.0 && q == q.floor() {
        return f32::INFINITY;
    }
    let (mut sum, mut a, mut term) = (q.powf(-s), q, 0.0);
    let mut steps = 0;
    while steps < 9 || a <= 9.0 {
        steps += 1;
        a += 1.0;
        term = a.powf(-s);
        sum += term;
        if -LEAST * sum < term && term < LEAST * sum {
            return sum;
        }
    }
    sum += term * a / (s - 1.0);
    sum -= 0.5 * term;
    let (mut factor, mut k) = (1.0, 0.0);
    for divisor in TAIL {
        factor *= s + k;
        term /= a;
        let t = factor * term / divisor;
        sum += t;
        if (t / sum).abs() < LEAST {
            return sum;
        }
        k += 1.0;
        factor *= s + k;
        term /= a;
        k += 1.0;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::{digamma, zeta};

    #[test]
    fn values_are_those_of_the_functions() {
        assert!((digamma(1.0) + 0.577_215_7).abs() < 1e-6);
        assert!((digamma(0.5) + 1.963_510_1).abs() < 2e-6);
        assert!((digamma(-0.5) - 0.036_489_98).abs() < 2e-6);
        assert!((zeta(2.0, 1.0) - 1.644_934).abs() < 1e-6);
        assert!((zeta(3.0, 1.0) - 1.202_056_9).abs() < 1e-6);
        assert_eq!(zeta(2.0, -3.0), f32::INFINITY);
    }
}
