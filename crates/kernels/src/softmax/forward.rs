//! Softmax and log-softmax.

use super::TILE;
use super::each::each;
use super::exponential::{ExpShifted, Exponential, exponentials};
use crate::exec::{Part, Shared};
use crate::reduce::Axis;
use crate::reduce::fold::{Add, Greater, Identity, fold_columns, fold_row};
use adjoint_simd::{Scalar, Vector};

/// `y = exp(x − m) / Σ exp(x − m)` with `m` the greatest element of the axis.
///
/// **Shapes**: x and y are `[outer, n, inner]`.
///
/// **Accuracy**: that of exp, of a cascaded sum of positive terms, and two roundings.
///
/// **Errors**: panics when an array does not have the elements its shape needs.
///
/// **Cost**: three passes over each row, four over each tile of columns, the later ones in cache;
/// one exp an element.
pub fn softmax<T: Exponential>(x: &[T], axis: Axis, y: &mut [T]) {
    tiles(x, axis, y, |x, y, n, stride, width| {
        if stride == 1 {
            // SAFETY: a row of n elements in both arrays.
            unsafe {
                let m = fold_row::<T, Greater, Identity>(x, x, n);
                // At least 1, since the greatest element gives e⁰: its reciprocal cannot overflow.
                let scale = T::Vector::splat(T::ONE / exponentials::<T, true>(x, m, y, n));
                each([y.cast_const()], y, n, |[y]| y * scale);
            }
        } else {
            // SAFETY: n rows of `width <= TILE` elements, `stride` apart, in both arrays.
            unsafe { softmax_columns(x, y, n, stride, width) }
        }
    });
}

/// Apart from rows, which is what most programs have: what is not called need not be loaded with
/// them.
///
/// # Safety
/// `n` rows of `width <= TILE` elements, `stride` apart, are readable at `x` and writable at `y`.
#[inline(never)]
unsafe fn softmax_columns<T: Exponential>(x: *const T, y: *mut T, n: usize, stride: usize, width: usize) {
    let mut column = [T::ZERO; TILE];
    // SAFETY: the caller's promise.
    unsafe {
        fold_columns::<T, Greater, Identity>(x, x, n, stride, width, column.as_mut_ptr());
        for i in (0..n * stride).step_by(stride) {
            each([x.add(i), column.as_ptr()], y.add(i), width, |[x, m]| T::exp_shifted([x - m])[0]);
        }
        fold_columns::<T, Add, Identity>(y, y, n, stride, width, column.as_mut_ptr());
        for sum in &mut column[..width] {
            *sum = T::ONE / *sum;
        }
        for i in (0..n * stride).step_by(stride) {
            each([y.add(i).cast_const(), column.as_ptr()], y.add(i), width, |[y, scale]| y * scale);
        }
    }
}

/// `y = (x − m) − log Σ exp(x − m)` with `m` the greatest element of the axis. Otherwise as
/// [`softmax`].
pub fn log_softmax<T: Exponential>(x: &[T], axis: Axis, y: &mut [T]) {
    tiles(x, axis, y, |x, y, n, stride, width| {
        if stride == 1 {
            // SAFETY: a row of n elements in both arrays.
            unsafe {
                let m = fold_row::<T, Greater, Identity>(x, x, n);
                let log_sum = exponentials::<T, false>(x, m, y, n).ln();
                let (m, log_sum) = (T::Vector::splat(m), T::Vector::splat(log_sum));
                each([x], y, n, |[x]| x - m - log_sum);
            }
        } else {
            // SAFETY: n rows of `width <= TILE` elements, `stride` apart, in both arrays.
            unsafe { log_softmax_columns(x, y, n, stride, width) }
        }
    });
}

/// # Safety
/// As [`softmax_columns`].
#[inline(never)]
unsafe fn log_softmax_columns<T: Exponential>(x: *const T, y: *mut T, n: usize, stride: usize, width: usize) {
    let mut greatest = [T::ZERO; TILE];
    let mut log_sum = [T::ZERO; TILE];
    // SAFETY: the caller's promise.
    unsafe {
        fold_columns::<T, Greater, Identity>(x, x, n, stride, width, greatest.as_mut_ptr());
        fold_columns::<T, Add, ExpShifted>(x, greatest.as_ptr(), n, stride, width, log_sum.as_mut_ptr());
        for sum in &mut log_sum[..width] {
            *sum = sum.ln();
        }
        for i in (0..n * stride).step_by(stride) {
            let ins = [x.add(i), greatest.as_ptr(), log_sum.as_ptr()];
            each(ins, y.add(i), width, |[x, m, log_sum]| x - m - log_sum);
        }
    }
}

/// Calls `f(x, y, n, stride, width)` for each row (stride 1) or tile of columns.
fn tiles<T: Scalar>(x: &[T], axis: Axis, y: &mut [T], f: impl Fn(*const T, *mut T, usize, usize, usize) + Sync) {
    axis.check_full(x.len());
    axis.check_full(y.len());
    let written = Part::new(y);
    // SAFETY: tiles are apart, and each is written by one call.
    let pointers = unsafe { Shared::new((x.as_ptr(), written.as_mut_ptr())) };
    super::each_tile(axis, &written, |at, width| {
        let (x, y) = pointers.get();
        f(x.wrapping_add(at), y.wrapping_add(at), axis.n, axis.inner, width);
    });
}
