//! The logarithm of the gamma function and its derivative in f64.
//!
//! `lgamma`: a polynomial for `log Γ(2 + z)/z`, `|z| ≤ ½`; `Γ(x + 1) = xΓ(x)` brings 0.5 … 10 there
//! by sums whose terms have one sign, so nothing cancels; above 10 Stirling's series; below ½ the
//! recurrence or the reflection `Γ(x)Γ(1 − x) = π/sin πx`. `digamma`: the recurrence up to 10, then
//! the asymptotic series (Abramowitz and Stegun 6.1.40, 6.3.18), and the reflection. Near the zeros
//! of either function on the negative axis, and of `digamma` at 1.4616…, the error is absolute, not
//! relative, as in PyTorch. Constants: `tools/minimax.py lgamma64`, and the Bernoulli numbers.

use core::f64::consts::PI;

use super::erf::horner;

/// Largest error of `lgamma` for `x > 0`, in units of the last place.
pub const MAX_ULP_LGAMMA: f64 = 6.0;

const NEAR_TWO: [f64; 24] = [
    3.5397345306487626e-9,
    -7.378782763359956e-9,
    1.0099732190744157e-8,
    -2.1175303121818353e-8,
    4.798558267904044e-8,
    -1.0102969993315554e-7,
    2.120018321266483e-7,
    -4.4910141797059787e-7,
    9.55152402677789e-7,
    -2.039239006512733e-6,
    4.374865601535207e-6,
    -9.439485805817927e-6,
    2.0507212858543456e-5,
    -4.492623691034089e-5,
    9.945751277815141e-5,
    -0.00022315475844598002,
    0.0005096695247431375,
    -0.0011927539117034586,
    0.002890510330741522,
    -0.007385551028673982,
    0.020580808427784546,
    -0.0673523010531981,
    0.3224670334241132,
    0.42278433509846713,
];

/// `B_2k / (2k (2k − 1))`, k = 9 … 1.
const STIRLING: [f64; 9] = [
    43867.0 / 244_188.0,
    -3617.0 / 122_400.0,
    1.0 / 156.0,
    -691.0 / 360_360.0,
    1.0 / 1188.0,
    -1.0 / 1680.0,
    1.0 / 1260.0,
    -1.0 / 360.0,
    1.0 / 12.0,
];

/// `B_2k / 2k`, k = 9 … 1.
const DIGAMMA: [f64; 9] = [
    43867.0 / 14364.0,
    -3617.0 / 8160.0,
    1.0 / 12.0,
    -691.0 / 32760.0,
    1.0 / 132.0,
    -1.0 / 240.0,
    1.0 / 252.0,
    -1.0 / 120.0,
    1.0 / 12.0,
];

/// `log |Γ(x)|`: infinite at 0, −1, −2, … and at both infinities.
pub fn lgamma(x: f64) -> f64 {
    if x.is_infinite() {
        return f64::INFINITY;
    }
    if x >= 10.0 {
        let r = 1.0 / x;
        return (x - 0.5) * (x.ln() - 1.0) + (0.5 * (2.0 * PI).ln() - 0.5 + r * horner(r * r, &STIRLING));
    }
    if x >= 1.5 {
        // Γ(x) = (x − 1)(x − 2) … (x − n) Γ(x − n).
        let (mut y, mut product) = (x, 1.0);
        while y > 2.5 {
            y -= 1.0;
            product *= y;
        }
        return product.ln() + (y - 2.0) * horner(y - 2.0, &NEAR_TWO);
    }
    if x >= 0.5 {
        let z = x - 1.0;
        return z * horner(z, &NEAR_TWO) - z.ln_1p();
    }
    if x > -0.5 && x != 0.0 {
        // Γ(x) = Γ(x + 2) / (x (x + 1)).
        return x * horner(x, &NEAR_TWO) - x.ln_1p() - x.abs().ln();
    }
    if x.is_nan() {
        return x;
    }
    let sine = sin_pi(x).abs();
    if sine == 0.0 { f64::INFINITY } else { (PI / (sine * x.abs())).ln() - lgamma(-x) }
}

/// `Γ'(x) / Γ(x)`: −∞ at +0, +∞ at −0, NaN at −1, −2, … and −∞.
pub fn digamma(x: f64) -> f64 {
    if x == 0.0 {
        return f64::INFINITY.copysign(-x);
    }
    if x < 0.0 {
        let sine = sin_pi(x);
        let cosine = sin_pi(x + 0.5);
        return if sine == 0.0 || x.is_infinite() { f64::NAN } else { digamma(1.0 - x) - PI * cosine / sine };
    }
    let (mut y, mut shift) = (x, 0.0);
    while y < 10.0 {
        shift += 1.0 / y;
        y += 1.0;
    }
    let r = 1.0 / (y * y);
    if y.is_infinite() { y } else { y.ln() - 0.5 / y - r * horner(r, &DIGAMMA) - shift }
}

/// `sin(πx)`, with the argument reduced exactly.
fn sin_pi(x: f64) -> f64 {
    let nearest = x.round_ties_even();
    let sine = (PI * (x - nearest)).sin();
    if nearest % 2.0 == 0.0 { sine } else { -sine }
}
