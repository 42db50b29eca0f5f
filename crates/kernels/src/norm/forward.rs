//! Layer normalization.

use crate::exec::{Grain, Part, Shared, for_range};
use crate::reduce::moments;
use crate::softmax::each;
use adjoint_simd::{Scalar, Vector};

/// `y = (x − mean) · rstd · weight + bias` for each row of `n` elements, with `rstd = 1 /
/// √(variance + eps)`.
///
/// **Shapes**: x and y are `[rows, n]`, weight and bias `[n]`, mean and rstd, which are written
/// too, `[rows]`.
///
/// **Accuracy**: mean and variance as [`crate::reduce::var_mean`] has them; four roundings an
/// element.
///
/// **Errors**: panics when an array does not have the elements its shape needs.
#[expect(clippy::too_many_arguments, reason = "five arrays in and out, and two numbers")]
pub fn layer_norm<T: Scalar>(
    x: &[T],
    weight: &[T],
    bias: &[T],
    n: usize,
    eps: f64,
    y: &mut [T],
    mean: &mut [T],
    rstd: &mut [T],
) {
    let rows = mean.len();
    assert!(
        x.len() == rows * n && y.len() == rows * n && rstd.len() == rows && weight.len() == n && bias.len() == n,
        "layer_norm: {rows} rows of {n} do not fit the arrays"
    );
    let written = (Part::new(y), Part::new(mean), Part::new(rstd));
    let (y, mean, rstd) = (written.0.as_mut_ptr(), written.1.as_mut_ptr(), written.2.as_mut_ptr());
    // SAFETY: a range writes its own rows and their results.
    let pointers = unsafe { Shared::new((x.as_ptr(), y, mean, rstd)) };
    for_range(rows, Grain::of(8 * n), &written, |range| {
        let (x, y, mean, rstd) = pointers.get();
        for row in range {
            // SAFETY: row number `row` of n elements is in x and y, and its two results in mean and
            // rstd.
            unsafe {
                let x = x.add(row * n);
                let found = moments::row(x, n);
                let m = T::from_f64(found.mean);
                let r = T::from_f64(1.0 / (found.squares / n as f64 + eps).sqrt());
                // What the mean lost when it was rounded, as it comes out: beside a large mean that
                // is much of a deviation.
                let rest = T::Vector::splat(T::from_f64((m.to_f64() - found.mean) * r.to_f64()));
                *mean.add(row) = m;
                *rstd.add(row) = r;
                let (m, r) = (T::Vector::splat(m), T::Vector::splat(r));
                each([x, weight.as_ptr(), bias.as_ptr()], y.add(row * n), n, |[x, w, b]| {
                    (x - m).mul_add(r, rest).mul_add(w, b)
                });
            }
        }
    });
}
