//! The Airy function `Ai`.
//!
//! Above 1 by the modified Bessel function of order 1/3 (Abramowitz and Stegun 10.4.14), between −8
//! and 1 by the Maclaurin series (10.4.2), below by the asymptotic series (10.4.60). Relative error
//! about 1e−14 above 1; below, the error is absolute, at most 1e−10.

use super::modified_bessel;
use std::f64::consts::{FRAC_PI_4, PI};

/// `Ai(0)`, which is 3^(−2/3) / Γ(2/3), and `−Ai′(0)`, which is 3^(−1/3) / Γ(1/3).
const AT_ZERO: f64 = 0.355_028_053_887_817_2;
const SLOPE: f64 = 0.258_819_403_792_806_8;

/// `Ai(x)`; NaN at ±∞, as PyTorch gives.
pub fn ai(x: f64) -> f64 {
    if !x.is_finite() {
        return f64::NAN;
    }
    if x > 1.0 {
        let zeta = x * x.sqrt() / 1.5;
        return (x / 3.0).sqrt() / PI * modified_bessel::k(1.0 / 3.0, zeta);
    }
    if x > -8.0 { maclaurin(x) } else { oscillating(-x) }
}

fn maclaurin(x: f64) -> f64 {
    let cube = x * x * x;
    let (mut f, mut g) = (1.0, x);
    let (mut even, mut odd) = (f, g);
    for k in 1..80 {
        let n = 3.0 * f64::from(k);
        f *= cube / (n * (n - 1.0));
        g *= cube / (n * (n + 1.0));
        even += f;
        odd += g;
        if f.abs() + g.abs() < 1e-18 {
            break;
        }
    }
    AT_ZERO * even - SLOPE * odd
}

/// `Ai(−x)` for a large `x`.
fn oscillating(x: f64) -> f64 {
    let zeta = x * x.sqrt() / 1.5;
    let (mut p, mut q, mut u) = (1.0, 0.0, 1.0f64);
    for k in 1..60 {
        let n = f64::from(k);
        // u_k / u_(k−1) is (6k − 5)(6k − 3)(6k − 1) / (216 k (2k − 1)) (10.4.58).
        let next = u * (6.0 * n - 5.0) * (6.0 * n - 3.0) * (6.0 * n - 1.0) / (216.0 * n * (2.0 * n - 1.0) * zeta);
        if next >= u {
            break;
        }
        u = next;
        match k % 4 {
            1 => q += u,
            2 => p -= u,
            3 => q -= u,
            _ => p += u,
        }
        if u < 1e-18 {
            break;
        }
    }
    let (sin, cos) = (zeta + FRAC_PI_4).sin_cos();
    (sin * p - cos * q) / (PI.sqrt() * x.sqrt().sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    // From mpmath with 30 digits: airyai.
    #[test]
    fn values_are_those_of_a_reference() {
        for (x, y) in [
            (0.0, 0.355_028_053_887_817_2),
            (1.0, 0.135_292_416_312_881_42),
            (5.0, 1.083_444_281_360_744e-4),
            (-5.0, 0.350_761_009_024_114_3),
            (-10.0, 0.040_241_238_486_441_96),
        ] {
            assert!((ai(x) - y).abs() <= 1e-10 * y.abs(), "{x}: {} against {y}", ai(x));
        }
        assert!((maclaurin(-8.0) - oscillating(8.0)).abs() < 1e-10);
    }
}
