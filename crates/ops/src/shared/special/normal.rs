//! Functions of the normal distribution that keep their accuracy in the tails.
//!
//! `erfcx`: `e^(x²) erfc x` below 5, the continued fraction (Abramowitz and Stegun 7.1.14) above.
//! `ndtri`: Newton's method on the logarithm of the distribution, which is concave, from
//! `√2 erfinv(2p − 1)` or, where that has no digits, from the leading terms of the tail (26.2.12).
//! Relative error about 1e−14.

use adjoint_kernels::vecmath::f64::{erfc, erfinv};
use std::f64::consts::{FRAC_1_SQRT_2, LN_2, PI, SQRT_2};

/// `e^(x²) erfc x`.
pub fn erfcx(x: f64) -> f64 {
    if x < -27.0 {
        return f64::INFINITY;
    }
    if x < 5.0 || x.is_nan() {
        return (x * x).exp() * erfc(x);
    }
    let mut tail = x;
    for k in (1..=60).rev() {
        tail = x + 0.5 * f64::from(k) / tail;
    }
    1.0 / (PI.sqrt() * tail)
}

/// The logarithm of the probability that a standard normal number is below `x`.
pub fn log_ndtr(x: f64) -> f64 {
    if x < -1.0 {
        return if x.is_infinite() { x } else { erfcx(-x * FRAC_1_SQRT_2).ln() - LN_2 - 0.5 * x * x };
    }
    (-0.5 * erfc(x * FRAC_1_SQRT_2)).ln_1p()
}

/// The number below which a standard normal number is with probability `p`.
pub fn ndtri(p: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p == 0.0 || p == 1.0 {
        return if p == 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    if p > 0.5 {
        // 1 − p is exact here.
        return -ndtri(1.0 - p);
    }
    let log = p.ln();
    let mut x = if p > 1e-3 {
        SQRT_2 * erfinv(2.0 * p - 1.0)
    } else {
        let t = -2.0 * log;
        -(t - t.ln() - (2.0 * PI).ln()).sqrt()
    };
    for _ in 0..8 {
        // The derivative of log_ndtr is √(2/π) / erfcx(−x/√2).
        let step = (log_ndtr(x) - log) * erfcx(-x * FRAC_1_SQRT_2) * (PI / 2.0).sqrt();
        x -= step;
        if step.abs() <= 1e-16 * x.abs() {
            break;
        }
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    // From mpmath with 30 digits.
    #[test]
    fn values_are_those_of_a_reference() {
        let close = |a: f64, b: f64| assert!((a - b).abs() <= 2e-14 * b.abs(), "{a} against {b}");
        close(erfcx(1.0), 0.427_583_576_155_807);
        assert!((erfcx(5.0 - 1e-12) - erfcx(5.0)).abs() < 1e-13);
        close(erfcx(10.0), 0.056_140_992_743_822_59);
        close(log_ndtr(-10.0), -53.231_285_150_512_47);
        close(ndtri(0.25), -0.674_489_750_196_081_7);
        close(ndtri(1e-20), -9.262_340_089_798_408);
    }
}
