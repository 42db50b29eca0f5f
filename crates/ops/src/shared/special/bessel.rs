//! Bessel functions of order 0 and 1.
//!
//! Below 25 the sequence `J_0 … J_n` by Miller's backward recurrence (Abramowitz and Stegun 9.12),
//! normalised by `J_0 + 2 Σ J_2k = 1`, and `Y` by Neumann's series of it (9.1.89) and its derivative;
//! above, Hankel's asymptotic series (9.2.5), whose smallest term is below e^−50 there. Error: about
//! 1e−15 times the larger of the value and the amplitude √(2/πx).

use std::f64::consts::{FRAC_2_PI, FRAC_PI_4, LN_2};

const EULER_GAMMA: f64 = 0.577_215_664_901_532_9;

/// `J_0, J_1, Y_0, Y_1` at `x > 0`.
fn all(x: f64) -> [f64; 4] {
    if x >= 25.0 { hankel(x) } else { miller(x) }
}

fn miller(x: f64) -> [f64; 4] {
    const N: usize = 90;
    let mut j = [0.0f64; N + 2];
    j[N] = 1e-280;
    for n in (1..=N).rev() {
        j[n - 1] = 2.0 * n as f64 / x * j[n] - j[n + 1];
        if j[n - 1].abs() > 1e200 {
            j.iter_mut().for_each(|v| *v *= 1e-250);
        }
    }
    let norm = j[0] + 2.0 * j.iter().skip(2).step_by(2).sum::<f64>();
    j.iter_mut().for_each(|v| *v /= norm);
    let log = x.ln() - LN_2 + EULER_GAMMA;
    let (mut even, mut slope) = (0.0, 0.0);
    for k in 1..N / 2 {
        let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
        even += sign * j[2 * k] / k as f64;
        slope += sign * (j[2 * k - 1] - j[2 * k + 1]) / (2.0 * k as f64);
    }
    let y0 = FRAC_2_PI * (log * j[0] - 2.0 * even);
    // Y_1 is −Y_0′.
    let y1 = FRAC_2_PI * (log * j[1] - j[0] / x + 2.0 * slope);
    [j[0], j[1], y0, y1]
}

fn hankel(x: f64) -> [f64; 4] {
    let of = |order: f64| {
        let mu = 4.0 * order * order;
        let (mut p, mut q, mut term) = (1.0, 0.0, 1.0);
        for k in 1..50 {
            let n = f64::from(k);
            let odd = 2.0 * n - 1.0;
            term *= (mu - odd * odd) / (8.0 * n * x);
            match k % 4 {
                1 => q += term,
                2 => p -= term,
                3 => q -= term,
                _ => p += term,
            }
            if term.abs() < 1e-18 {
                break;
            }
        }
        (p, q)
    };
    let (sin, cos) = x.sin_cos();
    let (s, c) = FRAC_PI_4.sin_cos();
    // The sine and cosine of x − π/4, and of x − 3π/4, which is a quarter turn behind.
    let (sin0, cos0) = (sin * c - cos * s, cos * c + sin * s);
    let (sin1, cos1) = (-cos0, sin0);
    let amplitude = (FRAC_2_PI / x).sqrt();
    let ((p0, q0), (p1, q1)) = (of(0.0), of(1.0));
    [
        amplitude * (p0 * cos0 - q0 * sin0),
        amplitude * (p1 * cos1 - q1 * sin1),
        amplitude * (p0 * sin0 + q0 * cos0),
        amplitude * (p1 * sin1 + q1 * cos1),
    ]
}

/// `J_0(x)`.
pub fn j0(x: f64) -> f64 {
    match x.abs() {
        0.0 => 1.0,
        f64::INFINITY => 0.0,
        a if a < 1e-6 => 1.0 - a * a / 4.0,
        a => all(a)[0],
    }
}

/// `J_1(x)`.
pub fn j1(x: f64) -> f64 {
    let a = x.abs();
    let value = match a {
        f64::INFINITY => 0.0,
        a if a < 1e-6 => a / 2.0,
        a => all(a)[1],
    };
    if x < 0.0 { -value } else { value }
}

/// `Y_0(x)`: −∞ at 0, NaN below and, as PyTorch gives, at ∞.
pub fn y0(x: f64) -> f64 {
    match x {
        0.0 => f64::NEG_INFINITY,
        x if x > 0.0 && x < f64::INFINITY => all(x)[2],
        _ => f64::NAN,
    }
}

/// `Y_1(x)`: −∞ at 0, NaN below and, as PyTorch gives, at ∞.
pub fn y1(x: f64) -> f64 {
    match x {
        0.0 => f64::NEG_INFINITY,
        x if x > 0.0 && x < 1e-100 => -FRAC_2_PI / x,
        x if x > 0.0 && x < f64::INFINITY => all(x)[3],
        _ => f64::NAN,
    }
}

/// `sin x / x`: the spherical function of order 0, 0 at ±∞.
pub fn spherical_j0(x: f64) -> f64 {
    match x.abs() {
        f64::INFINITY => 0.0,
        0.0 => 1.0,
        _ => x.sin() / x,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() <= 1e-14, "{a} against {b}");
    }

    // From mpmath with 30 digits: besselj, bessely.
    #[test]
    fn values_are_those_of_a_reference() {
        close(j0(1.0), 0.765_197_686_557_966_6);
        close(j1(1.0), 0.440_050_585_744_933_5);
        close(y0(1.0), 0.088_256_964_215_676_96);
        close(y1(1.0), -0.781_212_821_300_288_7);
        close(j0(30.0), -0.086_367_983_581_040_21);
    }

    /// `J₁ Y₀ − J₀ Y₁ = 2/πx` (Abramowitz and Stegun 9.1.16).
    #[test]
    fn the_wronskian_is_kept() {
        for x in [1e-4, 0.01, 0.5, 2.0, 7.0, 15.0, 24.9, 25.1, 60.0, 400.0] {
            let [j0, j1, y0, y1] = all(x);
            close((j1 * y0 - j0 * y1) * x / FRAC_2_PI, 1.0);
        }
    }
}
