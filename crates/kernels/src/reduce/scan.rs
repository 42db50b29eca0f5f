//! Running sums and products along an axis.
//!
//! Floats accumulate in `f64`, as PyTorch does on the CPU, so that a running sum of a million `f32`
//! is as good as its last rounding.

use super::{Axis, Int};
use crate::exec::{Grain, Part, for_range};
use adjoint_simd::Scalar;

/// Columns whose accumulators are kept at once.
const COLUMNS: usize = 128;

/// Running sum: `out_i = x_0 + … + x_i`, accumulated in `f64`.
///
/// **Shapes**: x and out are `[outer, n, inner]`.
///
/// **Errors**: panics when an array does not have the elements its shape needs.
pub fn cumsum<T: Scalar>(x: &[T], axis: Axis, out: &mut [T]) {
    scan(x, axis, out, 0.0, |acc: f64, x: T| acc + x.to_f64(), T::from_f64);
}

/// Running product: `out_i = x_0 · … · x_i`, accumulated in `f64`. Otherwise as [`cumsum`].
pub fn cumprod<T: Scalar>(x: &[T], axis: Axis, out: &mut [T]) {
    scan(x, axis, out, 1.0, |acc: f64, x: T| acc * x.to_f64(), T::from_f64);
}

/// Running sum in 64 bits, wrapping. Otherwise as [`cumsum`].
pub fn cumsum_int<T: Int>(x: &[T], axis: Axis, out: &mut [i64]) {
    scan(x, axis, out, 0, |acc: i64, x: T| acc.wrapping_add(x.widen()), |acc| acc);
}

/// Running product in 64 bits, wrapping. Otherwise as [`cumsum`].
pub fn cumprod_int<T: Int>(x: &[T], axis: Axis, out: &mut [i64]) {
    scan(x, axis, out, 1, |acc: i64, x: T| acc.wrapping_mul(x.widen()), |acc| acc);
}

#[inline(always)]
fn scan<T: Copy + Sync, A: Copy + Sync, O: Send>(
    x: &[T],
    axis: Axis,
    out: &mut [O],
    identity: A,
    step: impl Fn(A, T) -> A + Sync,
    finish: impl Fn(A) -> O + Sync,
) {
    axis.check_full(x.len());
    axis.check_full(out.len());
    let Axis { outer, n, inner } = axis;
    if axis.numel() == 0 {
        return;
    }
    let out = Part::new(out);
    for_range(outer, Grain::of(n * inner), &out, |range| {
        let elements = range.start * n * inner..range.end * n * inner;
        // SAFETY: ranges are disjoint.
        let out = unsafe { out.slice(elements.clone()) };
        for (x, out) in x[elements].chunks_exact(n * inner).zip(out.chunks_exact_mut(n * inner)) {
            if inner == 1 {
                let mut acc = identity;
                for (y, &x) in out.iter_mut().zip(x) {
                    acc = step(acc, x);
                    *y = finish(acc);
                }
                continue;
            }
            for c in (0..inner).step_by(COLUMNS) {
                let width = COLUMNS.min(inner - c);
                let mut acc = [identity; COLUMNS];
                for (x, out) in x.chunks_exact(inner).zip(out.chunks_exact_mut(inner)) {
                    for ((acc, &x), y) in acc.iter_mut().zip(&x[c..c + width]).zip(&mut out[c..c + width]) {
                        *acc = step(*acc, x);
                        *y = finish(*acc);
                    }
                }
            }
        }
    });
}
