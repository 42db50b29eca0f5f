//! Inverse hyperbolic functions in f64.
//!
//! Each is brought to `log1p` of a sum of positive terms, so that nothing cancels near its zero.

use core::f64::consts::LN_2;

/// Beyond this the square root of `x² ± 1` is `x`, and squaring would soon overflow.
const HUGE: f64 = 268_435_456.0;

/// The inverse of `sinh`.
pub fn asinh(x: f64) -> f64 {
    let a = x.abs();
    let y = if a > HUGE { a.ln() + LN_2 } else { (a + a * a / (1.0 + (1.0 + a * a).sqrt())).ln_1p() };
    y.copysign(x)
}

/// The non-negative inverse of `cosh`; NaN below 1.
pub fn acosh(x: f64) -> f64 {
    let t = x - 1.0;
    // Where squaring has rounded 1 away the formula would find a logarithm below 1 too.
    if t < 0.0 {
        f64::NAN
    } else if x > HUGE {
        x.ln() + LN_2
    } else {
        (t + (2.0 * t + t * t).sqrt()).ln_1p()
    }
}

/// The inverse of `tanh`: ±∞ at ±1, NaN beyond.
pub fn atanh(x: f64) -> f64 {
    let a = x.abs();
    (0.5 * (2.0 * a / (1.0 - a)).ln_1p()).copysign(x)
}
