//! Orthogonal polynomials by their recurrences of three terms (Abramowitz and Stegun 22.7), and the
//! ops of them. Between −1 and 1 the Chebyshev polynomials of high degree are computed from angles,
//! as PyTorch does. A degree is what `n` is cut to; a
//! negative or infinite one gives 0.

use super::by_element::{pair, zip};
use crate::shared::samples;
use adjoint_autograd::{Api, Arg, Call, OpDef, Sample, SampleTensor, Vjp};
use adjoint_tensor::{Array, Error, Result};
use std::cell::Cell;
use std::marker::PhantomData;

/// Steps of a recurrence, a tenth of a second for an element: a call with more would not return.
const MOST_STEPS: u64 = 1 << 24;

/// One family.
pub trait Polynomial: 'static {
    /// The polynomial of degree `n ≥ 0` at `x`; none where it takes more than [`MOST_STEPS`].
    fn value(x: f64, n: u64) -> Option<f64>;
}

struct Of<P>(PhantomData<P>);

impl<P: Polynomial> Of<P> {
    fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
        // PyTorch cuts to an int64, which makes what is beyond, and NaN, its least number.
        let degrees = 0.0..i64::MAX as f64;
        let too_high = Cell::new(None);
        zip(call, &mut outs[0], |x, n| match n {
            _ if !degrees.contains(&n.trunc()) || too_high.get().is_some() => 0.0,
            _ => P::value(x, n as u64).unwrap_or_else(|| {
                too_high.set(Some(n));
                0.0
            }),
        })?;
        match too_high.get() {
            None => Ok(()),
            Some(n) => Err(Error::usage(format!(
                "a degree of {n} takes as many steps; expected at most {MOST_STEPS} where the recurrence is computed"
            ))),
        }
    }
}

const SPECIAL: &[Api] = &[Api::Special];
const ARGS: &[Arg] = &[Arg::number("x"), Arg::number("n")];

/// The op of a family.
pub const fn polynomial<P: Polynomial>() -> OpDef {
    OpDef {
        args: ARGS,
        surface: SPECIAL,
        in_place: false,
        vjp: Vjp::None("PyTorch has none either"),
        samples: || {
            let x = || SampleTensor::new(&[2, 3]).constant();
            let n = SampleTensor::new(&[3]).range(0.2, 9.7).constant();
            vec![
                Sample::new("degrees", vec![x().into(), n.into()]),
                Sample::new(
                    "a negative degree",
                    vec![x().into(), SampleTensor::new(&[]).range(-2.0, -2.0).constant().into()],
                ),
            ]
        },
        errors: samples::binary_errors,
        ..pair(Of::<P>::run)
    }
}

/// The polynomial of degree `n` from those of degree 0, which is 1, and 1: `next(k, p, before)` is
/// that of degree `k + 1`. None where it takes more than [`MOST_STEPS`]: one that grows without end
/// is NaN before.
pub fn recurrence(n: u64, first: f64, next: impl Fn(f64, f64, f64) -> f64) -> Option<f64> {
    let (mut before, mut p) = (1.0, first);
    if n == 0 {
        return Some(before);
    }
    for k in 1..n.min(MOST_STEPS + 1) {
        (before, p) = (p, next(k as f64, p, before));
        if p.is_nan() {
            return Some(p);
        }
    }
    (n <= MOST_STEPS + 1).then_some(p)
}

fn even(n: u64) -> bool {
    n.is_multiple_of(2)
}

/// Chebyshev's of the first kind.
pub fn chebyshev_t(x: f64, n: u64) -> Option<f64> {
    if x.abs() == 1.0 {
        return Some(if x > 0.0 || even(n) { 1.0 } else { -1.0 });
    }
    if n > 6 && x.abs() < 1.0 {
        return Some((n as f64 * x.acos()).cos());
    }
    recurrence(n, x, |_, p, before| 2.0 * x * p - before)
}

/// Chebyshev's of the second kind.
pub fn chebyshev_u(x: f64, n: u64) -> Option<f64> {
    let top = n as f64 + 1.0;
    if x.abs() == 1.0 {
        return Some(if x > 0.0 || even(n) { top } else { -top });
    }
    if n > 8 && x.abs() < 1.0 {
        let angle = x.acos();
        return Some((top * angle).sin() / angle.sin());
    }
    recurrence(n, 2.0 * x, |_, p, before| 2.0 * x * p - before)
}

/// Chebyshev's of the third kind.
pub fn chebyshev_v(x: f64, n: u64) -> Option<f64> {
    if x.abs() == 1.0 {
        let top = 2.0 * n as f64 + 1.0;
        return Some(if x > 0.0 {
            1.0
        } else if even(n) {
            top
        } else {
            -top
        });
    }
    if n > 8 && x.abs() < 1.0 {
        let half = x.acos() / 2.0;
        return Some(((2.0 * n as f64 + 1.0) * half).cos() / half.cos());
    }
    recurrence(n, 2.0 * x - 1.0, |_, p, before| 2.0 * x * p - before)
}

/// Chebyshev's of the fourth kind.
pub fn chebyshev_w(x: f64, n: u64) -> Option<f64> {
    if x.abs() == 1.0 {
        let top = 2.0 * n as f64 + 1.0;
        return Some(if x > 0.0 {
            top
        } else if even(n) {
            1.0
        } else {
            -1.0
        });
    }
    if n > 8 && x.abs() < 1.0 {
        let half = x.acos() / 2.0;
        return Some(((2.0 * n as f64 + 1.0) * half).sin() / half.sin());
    }
    recurrence(n, 2.0 * x + 1.0, |_, p, before| 2.0 * x * p - before)
}
