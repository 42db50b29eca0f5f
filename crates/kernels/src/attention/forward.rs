//! The result.

use super::{BLOCK, Matrices, Scores, Written, offset};
use crate::exec::{Grain, Shared, Span, for_range};
use crate::gemm::{Problem, View, run};
use crate::reduce::fold::{Add, Greater, Identity, fold_row};
use crate::scratch;
use crate::softmax::{Exponential, each, exponentials};
use adjoint_simd::Vector;

/// Writes `softmax(scores) · V` to `out` and the logarithm of each query's sum of exponentials to
/// `log_sums`.
///
/// **Shapes**: `v` is `[lead…, keys, value_width]`, `out` `[lead…, queries, value_width]`,
/// `log_sums` `[lead…, queries]`, contiguous.
///
/// A query that sees no key, or only scores of −∞, gives zeros, as PyTorch's does; its logarithm is
/// kept as +∞, with which backward gives zeros, too. NaN and +∞ give NaN.
///
/// **Cost**: `2 · queries · keys · (width + value_width)` operations a head, half of that if
/// causal, and one exp a score; scratch for the scores of 64 queries.
///
/// # Safety
/// Every element the shapes reach is readable, or writable for `out` and `log_sums`; the outputs
/// overlap nothing.
pub unsafe fn attention<T: Exponential>(
    scores: &Scores<'_, T>,
    v: Matrices<'_, *const T>,
    out: Matrices<'_, *mut T>,
    log_sums: *mut T,
) {
    let shape = scores.shape;
    let heads: usize = shape.lead.iter().product();
    let cost = 2 * shape.queries * shape.keys * (shape.width + shape.value_width);
    let extents = [shape.queries, shape.value_width];
    let sums = Span { ptr: log_sums.cast(), size: size_of::<T>(), shape: &[heads * shape.queries], strides: &[1] };
    let written = (Written { matrices: out, lead: shape.lead, extents }, sums);
    // SAFETY: a range writes the results of its own heads.
    let shared = unsafe { Shared::new((scores, v, out, log_sums)) };
    for_range(heads, Grain::of(cost), &written, |range| {
        let (scores, v, out, log_sums) = shared.get();
        let shape = scores.shape;
        let Some(mut scratch) = scratch::filled(T::ZERO, BLOCK.min(shape.queries) * shape.keys) else { return };
        let p = scratch.as_mut_ptr();
        for head in range {
            let v = v.at(offset(head, shape.lead, v.lead));
            let out_at = offset(head, shape.lead, out.lead);
            for from in (0..shape.queries).step_by(BLOCK) {
                let rows = BLOCK.min(shape.queries - from);
                let keys = scores.keys_seen(from, rows);
                // SAFETY: queries from..from + rows exist, keys <= shape.keys, and the scratch has
                // space for their scores.
                unsafe {
                    scores.block(head, from, rows, keys, p);
                    let mut scales = [T::ONE; BLOCK];
                    for (i, later) in scales.iter_mut().enumerate().take(rows) {
                        let row = p.add(i * keys);
                        let seen = scores.visible(from + i, keys);
                        let (log_sum, scale) = exponentiate(row, seen);
                        if scores.rounds.is_some() {
                            scores.round(row, seen);
                            *later = scale;
                        } else {
                            let scale = T::Vector::splat(scale);
                            each([row.cast_const()], row, seen, |[x]| x * scale);
                        }
                        for hidden in seen..keys {
                            *row.add(hidden) = T::ZERO;
                        }
                        *log_sums.add(head * shape.queries + from + i) = log_sum;
                    }
                    let c = out.at(out_at + from as isize * out.row);
                    let a = View::new(p.cast_const(), keys as isize, 1);
                    let (n, k) = (shape.value_width, keys);
                    run(Problem { m: rows, n, k, alpha: T::ONE, a, b: v, beta: T::ZERO, c });
                    if scores.rounds.is_some() {
                        for (i, &scale) in scales[..rows].iter().enumerate() {
                            for j in 0..n {
                                let y = c.ptr.offset(i as isize * c.rs + j as isize * c.cs);
                                *y = *y * scale;
                            }
                        }
                    }
                }
            }
        }
    });
}

/// Replaces `n` scores by their exponentials, the greatest being 1; returns the logarithm of the sum
/// of all, and the factor that makes them a softmax.
unsafe fn exponentiate<T: Exponential>(row: *mut T, n: usize) -> (T, T) {
    // SAFETY: the caller's row of n elements.
    unsafe {
        let m = fold_row::<T, Greater, Identity>(row, row, n);
        // m tells nothing of NaN scores; their sum does.
        if m == -T::INFINITY && !fold_row::<T, Add, Identity>(row, row, n).to_f64().is_nan() {
            for j in 0..n {
                *row.add(j) = T::ZERO;
            }
            return (T::INFINITY, T::ONE);
        }
        let sum = exponentials::<T, true>(row, m, row, n);
        (m + sum.ln(), T::ONE / sum)
    }
}
