//! Division that rounds down, and what it leaves, in f64, with PyTorch's treatment of signs, zeros
//! and infinities.
//!
//! Both start from `fmod`, which is exact; a quotient rounded by the hardware could already be past
//! the next integer.

/// `x / y` rounded towards −∞ as `torch.floor_divide`: `x / 0` is infinite or NaN, like true
/// division.
pub fn div_floor(x: f64, y: f64) -> f64 {
    if y == 0.0 {
        return x / y;
    }
    let rest = x % y;
    let mut quotient = (x - rest) / y;
    if rest != 0.0 && (y < 0.0) != (rest < 0.0) {
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return 0f64.copysign(x / y);
    }
    // `x - rest` is a multiple of `y` only up to rounding: take the integer next to the quotient.
    let floor = quotient.floor();
    if quotient - floor > 0.5 { floor + 1.0 } else { floor }
}

/// What [`div_floor`] leaves of `x`, with the sign of `y`: `torch.remainder`. NaN for `y == 0`.
pub fn remainder(x: f64, y: f64) -> f64 {
    let rest = x % y;
    if rest != 0.0 && (y < 0.0) != (rest < 0.0) { rest + y } else { rest }
}
