//! Layer normalization.

use crate::exec::{Grain, Part, Shared, for_range};
use crate::reduce::moments;
use crate::softmax::each;
use adjoint_simd::{Scalar, Vector};

/// What a row is normalized by: `x̂ = (x − centre) · rstd + rest`.
pub const PARTS: usize = 3;

/// `y = x̂ · weight + bias` for each row of `n` elements, with `x̂ = (x − mean) / √(variance + eps)`.
///
/// **Shapes**: x and y are `[rows, n]`, weight and bias `[n]`, parts, which are written too, [`PARTS`]
/// rows of `[rows]`: `centre` is a number near the mean with few digits, from which differences are
/// exact but for huge elements, `rstd = 1 / √(variance + eps)`, and `rest = (centre − mean) · rstd`.
///
/// **Accuracy**: mean and variance as [`crate::reduce::var_mean`] has them; four roundings an
/// element, of which none is the same for all.
///
/// **Errors**: panics when an array does not have the elements its shape needs.
pub fn layer_norm<T: Scalar>(x: &[T], weight: &[T], bias: &[T], n: usize, eps: f64, y: &mut [T], parts: &mut [T]) {
    let rows = parts.len() / PARTS;
    assert!(
        x.len() == rows * n
            && y.len() == rows * n
            && parts.len() == PARTS * rows
            && weight.len() == n
            && bias.len() == n,
        "layer_norm: {rows} rows of {n} do not fit the arrays"
    );
    let (centre, parts) = parts.split_at_mut(rows);
    let (rest, rstd) = parts.split_at_mut(rows);
    let written = (Part::new(y), (Part::new(centre), Part::new(rest), Part::new(rstd)));
    let (y, parts) = (written.0.as_mut_ptr(), &written.1);
    let (centre, rest, rstd) = (parts.0.as_mut_ptr(), parts.1.as_mut_ptr(), parts.2.as_mut_ptr());
    // SAFETY: a range writes its own rows and their results.
    let pointers = unsafe { Shared::new((x.as_ptr(), y, centre, rest, rstd)) };
    for_range(rows, Grain::of(8 * n), &written, |range| {
        let (x, y, centre, rest, rstd) = pointers.get();
        for row in range {
            // SAFETY: row number `row` of n elements is in x and y, and its three parts in theirs.
            unsafe {
                let x = x.add(row * n);
                let found = moments::row(x, n);
                let deviation = (found.squares / n as f64 + eps).sqrt();
                let r = T::from_f64(1.0 / deviation);
                let c: T = moments::centre(found.mean, deviation);
                let d = T::from_f64((c.to_f64() - found.mean) * r.to_f64());
                (*centre.add(row), *rest.add(row), *rstd.add(row)) = (c, d, r);
                let (c, d, r) = (T::Vector::splat(c), T::Vector::splat(d), T::Vector::splat(r));
                each([x, weight.as_ptr(), bias.as_ptr()], y.add(row * n), n, |[x, w, b]| {
                    (x - c).mul_add(r, d).mul_add(w, b)
                });
            }
        }
    });
}
