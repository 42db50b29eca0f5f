//! The error function and its complement in f64.
//!
//! Below 1 the odd series is replaced by `x·P(x²)`. Above, `erfc(x)·e^(x²)·(1 + 2x)` is a smooth
//! function of `t = (x − 4)/(x + 4)` all the way to infinity, so one polynomial serves every `x ≥
//! 0.5`; the factor `e^(−x²)` is taken in two pieces, because squaring rounds. Constants:
//! `tools/minimax.py erf64_small erfcx64`.

/// Largest error in units of the last place, for `erf`.
pub const MAX_ULP_ERF: f64 = 2.0;
/// Largest error in units of the last place, for `erfc` while it is a normal number.
pub const MAX_ULP_ERFC: f64 = 6.0;

#[allow(clippy::approx_constant, reason = "a coefficient, next to 2/√π but fitted")]
const SMALL: [f64; 14] = [
    -4.230945824295338e-12,
    8.709045129053106e-11,
    -1.216456005728345e-9,
    1.4792401209404813e-8,
    -1.6364642158167616e-7,
    1.6462045441468418e-6,
    -1.4925647567519332e-5,
    0.00012055332902888736,
    -0.000854832702193483,
    0.0052239776254232985,
    -0.02686617064512984,
    0.1128379167095512,
    -0.37612638903183754,
    1.1283791670955126,
];

const LARGE: [f64; 24] = [
    -1.0208600570932139e-10,
    3.578785272009893e-9,
    -9.347150015015463e-9,
    -2.375708390014323e-8,
    1.0293058484573893e-7,
    8.313287964759644e-8,
    -8.193952094668847e-7,
    2.867911391673702e-7,
    5.7065508106405075e-6,
    -1.1218420266513659e-5,
    -2.4398126926219842e-5,
    0.00015062048007268285,
    -0.00019925693646602577,
    -0.000757773033187412,
    0.005031970012230075,
    -0.01619773409200716,
    0.0371675155345407,
    -0.06633036580952523,
    0.0937328349984903,
    -0.10103906603641383,
    0.06809705425468951,
    0.01537965210262149,
    -0.1396211168405625,
    1.2329951186255526,
];

/// The error function, `2/√π ∫₀^x e^(−t²) dt`.
pub fn erf(x: f64) -> f64 {
    let a = x.abs();
    if a < 1.0 {
        x * horner(x * x, &SMALL)
    } else if a < 6.0 {
        (1.0 - erfc_large(a)).copysign(x)
    } else if x.is_nan() {
        x
    } else {
        1f64.copysign(x)
    }
}

/// `1 − erf(x)`, to full relative accuracy.
pub fn erfc(x: f64) -> f64 {
    if x < 0.5 {
        1.0 - erf(x)
    } else if x < 28.0 {
        erfc_large(x)
    } else if x.is_nan() {
        x
    } else {
        0.0
    }
}

/// `erfc` for `0.5 ≤ x < 28`.
fn erfc_large(x: f64) -> f64 {
    // The upper half of x squares without rounding: e^(−x²) = e^(−high²) · e^(−(x − high)(x +
    // high)).
    let high = f64::from_bits(x.to_bits() & !0xffff_ffff);
    let scale = (-high * high).exp() * ((high - x) * (high + x)).exp();
    scale * horner((x - 4.0) / (x + 4.0), &LARGE) / (1.0 + 2.0 * x)
}

pub(super) fn horner(x: f64, coefficients: &[f64]) -> f64 {
    coefficients.iter().fold(0.0, |y, c| y * x + c)
}
