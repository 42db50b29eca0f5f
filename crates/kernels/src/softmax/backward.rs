//! Derivatives of softmax and log-softmax, from the incoming gradient and the forward result.

use super::TILE;
use super::each::each;
use super::each_tile;
use super::exponential::Exponential;
use crate::exec::{Part, Shared};
use crate::reduce::Axis;
use crate::reduce::fold::{Add, Identity, Product, fold_columns, fold_row};
use adjoint_simd::{Scalar, Vector};

/// `dx = y · (g − Σ g·y)`, with y the result of [`super::softmax`].
///
/// **Shapes**: all are `[outer, n, inner]`.
///
/// **Errors**: panics when an array does not have the elements its shape needs.
pub fn softmax_backward<T: Scalar>(g: &[T], y: &[T], axis: Axis, dx: &mut [T]) {
    tiles(g, y, axis, dx, |g, y, dx, n, stride, width| {
        if stride == 1 {
            // SAFETY: a row of n elements in every array.
            unsafe {
                let dot = T::Vector::splat(fold_row::<T, Add, Product>(g, y, n));
                each([g, y], dx, n, |[g, y]| y * (g - dot));
            }
            return;
        }
        let mut dots = [T::ZERO; TILE];
        // SAFETY: n rows of `width <= TILE` elements, `stride` apart, in every array.
        unsafe {
            fold_columns::<T, Add, Product>(g, y, n, stride, width, dots.as_mut_ptr());
            for i in (0..n * stride).step_by(stride) {
                each([g.add(i), y.add(i), dots.as_ptr()], dx.add(i), width, |[g, y, dot]| y * (g - dot));
            }
        }
    });
}

/// `dx = g − exp(y) · Σ g`, with y the result of [`super::log_softmax`]. Otherwise as
/// [`softmax_backward`].
pub fn log_softmax_backward<T: Exponential>(g: &[T], y: &[T], axis: Axis, dx: &mut [T]) {
    tiles(g, y, axis, dx, |g, y, dx, n, stride, width| {
        if stride == 1 {
            // SAFETY: a row of n elements in every array.
            unsafe {
                let sum = T::Vector::splat(fold_row::<T, Add, Identity>(g, g, n));
                each([g, y], dx, n, |[g, y]| g - T::exp_shifted([y])[0] * sum);
            }
            return;
        }
        let mut sums = [T::ZERO; TILE];
        // SAFETY: n rows of `width <= TILE` elements, `stride` apart, in every array.
        unsafe {
            fold_columns::<T, Add, Identity>(g, g, n, stride, width, sums.as_mut_ptr());
            for i in (0..n * stride).step_by(stride) {
                each([g.add(i), y.add(i), sums.as_ptr()], dx.add(i), width, |[g, y, sum]| {
                    g - T::exp_shifted([y])[0] * sum
                });
            }
        }
    });
}

/// Calls `f(g, y, dx, n, stride, width)` for each row (stride 1) or tile of columns.
fn tiles<T: Scalar>(
    g: &[T],
    y: &[T],
    axis: Axis,
    dx: &mut [T],
    f: impl Fn(*const T, *const T, *mut T, usize, usize, usize) + Sync,
) {
    axis.check_full(g.len());
    axis.check_full(y.len());
    axis.check_full(dx.len());
    let written = Part::new(dx);
    // SAFETY: tiles are apart, and each is written by one call.
    let pointers = unsafe { Shared::new((g.as_ptr(), y.as_ptr(), written.as_mut_ptr())) };
    each_tile(axis, &written, |at, width| {
        let (g, y, dx) = pointers.get();
        f(g.wrapping_add(at), y.wrapping_add(at), dx.wrapping_add(at), axis.n, axis.inner, width);
    });
}
