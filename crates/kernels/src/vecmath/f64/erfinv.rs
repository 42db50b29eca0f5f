//! The inverse error function in f64.
//!
//! A closed formula good to three digits (it inverts `erf(y)² ≈ 1 − exp(−y²·(4/π + a·y²)/(1 +
//! a·y²))`, Winitzki 2008), then two steps of Halley's method, each of which triples the digits.
//! Above one half the residual is taken from `erfc`, which keeps its accuracy near 1.

use core::f64::consts::PI;

use super::{erf, erfc};

/// `y` with `erf(y) = x`: ±∞ at ±1, NaN beyond.
pub fn erfinv(x: f64) -> f64 {
    const A: f64 = 0.147;
    let a = x.abs();
    if a == 1.0 {
        return f64::INFINITY.copysign(x);
    }
    if a > 1.0 || a.is_nan() {
        return f64::NAN;
    }
    if a < 1e-8 {
        // The series begins √π/2 · (x + π/12·x³), and the next term is below the last place.
        return x * (PI.sqrt() / 2.0);
    }
    let l = (-a * a).ln_1p();
    let b = 2.0 / (PI * A) + l / 2.0;
    let mut y = (-l / A / (b + (b * b - l / A).sqrt())).sqrt();
    for _ in 0..2 {
        let excess = if a < 0.5 { erf(y) - a } else { (1.0 - a) - erfc(y) };
        let step = excess / (2.0 / PI.sqrt() * (-y * y).exp());
        y -= step / (1.0 + y * step);
    }
    y.copysign(x)
}
