//! The derivatives.

use super::{BLOCK, Matrices, Scores, Written, offset};
use crate::exec::{Grain, Shared, for_range};
use crate::gemm::{Problem, View, run};
use crate::scratch;
use crate::softmax::{Exponential, each};
use adjoint_simd::{Scalar, Vector};
use std::ops::Range;

/// Where derivatives are written; one that is not wanted is `None`.
pub struct Gradients<'a, T> {
    /// By the queries.
    pub q: Option<Matrices<'a, *mut T>>,
    /// By the keys.
    pub k: Option<Matrices<'a, *mut T>>,
    /// By the values.
    pub v: Option<Matrices<'a, *mut T>>,
}

/// With `P = softmax(scores)` and `D = rows of Σ g · out`: `dV = Pᵀ g`, `dS = P · (g Vᵀ − D)`, `dQ
/// = scale · dS K`, `dK = scale · dSᵀ Q`.
///
/// P is computed again from `log_sums`, which [`super::attention`] wrote. Source: Dao et al.,
/// "FlashAttention: Fast and Memory-Efficient Exact Attention with IO-Awareness", NeurIPS 2022,
/// section 3.1.
///
/// **Shapes**: `g` and `out` are `[lead…, queries, value_width]`; each derivative has the shape of
/// its operand.
///
/// # Safety
/// Every element the shapes reach is readable; derivatives are writable, zeros, and overlap
/// nothing, also not themselves.
pub unsafe fn attention_backward<T: Exponential>(
    scores: &Scores<'_, T>,
    v: Matrices<'_, *const T>,
    g: Matrices<'_, *const T>,
    out: Matrices<'_, *const T>,
    log_sums: *const T,
    grads: &Gradients<'_, T>,
) {
    let shape = scores.shape;
    let heads: usize = shape.lead.iter().product();
    let (lead, width) = (shape.lead, shape.width);
    let written = (
        grads.q.map(|matrices| Written { matrices, lead, extents: [shape.queries, width] }),
        grads.k.map(|matrices| Written { matrices, lead, extents: [shape.keys, width] }),
        grads.v.map(|matrices| Written { matrices, lead, extents: [shape.keys, shape.value_width] }),
    );
    let cost = 4 * shape.queries * shape.keys * (shape.width + shape.value_width);
    // SAFETY: a range writes the derivatives of its own heads.
    let shared = unsafe { Shared::new((scores, v, g, out, log_sums, grads)) };
    for_range(heads, Grain::of(cost), &written, |range| {
        let (scores, v, g, out, log_sums, grads) = shared.get();
        // SAFETY: the caller's promise.
        unsafe { backward_of(range, scores, v, g, out, log_sums, grads) };
    });
}

/// The derivatives of some heads.
///
/// # Safety
/// As [`attention_backward`].
#[inline(always)]
unsafe fn backward_of<T: Exponential>(
    heads: Range<usize>,
    scores: &Scores<'_, T>,
    v: Matrices<'_, *const T>,
    g: Matrices<'_, *const T>,
    out: Matrices<'_, *const T>,
    log_sums: *const T,
    grads: &Gradients<'_, T>,
) {
    let shape = scores.shape;
    let block = BLOCK.min(shape.queries) * shape.keys;
    let parts = if scores.rounds.is_some() { 3 } else { 2 };
    let Some(mut scratch) = scratch::filled(T::ZERO, parts * block) else { return };
    let part = scratch.as_mut_ptr();
    // Rounded probabilities have a place of their own: their gradient is made of exact ones.
    let (p, ds, rounded) = (part, part.wrapping_add(block), part.wrapping_add((parts - 1) * block));
    let scale = scores.scale;
    for head in heads {
        let at = |lead: &[isize]| offset(head, shape.lead, lead);
        let (q, k, v) = (scores.q.at(at(scores.q.lead)), scores.k.at(at(scores.k.lead)), v.at(at(v.lead)));
        let (g, out) = (g.at(at(g.lead)), out.at(at(out.lead)));
        for from in (0..shape.queries).step_by(BLOCK) {
            let rows = BLOCK.min(shape.queries - from);
            let keys = scores.keys_seen(from, rows);
            let skip = |x: View<*const T>| View { ptr: x.ptr.wrapping_offset(from as isize * x.rs), ..x };
            let (q, g, out) = (skip(q), skip(g), skip(out));
            let block = |x: *mut T| View::new(x, keys as isize, 1);
            let read = |x: *mut T| View::new(x.cast_const(), keys as isize, 1);
            let product = |m, n, k, alpha, a, b, beta, c| Problem { m, n, k, alpha, a, b, beta, c };
            // SAFETY: queries from..from + rows exist, keys <= shape.keys, and each scratch has
            // space for their scores.
            unsafe {
                scores.block(head, from, rows, keys, p);
                for i in 0..rows {
                    let row = p.add(i * keys);
                    let seen = scores.visible(from + i, keys);
                    let log_sum = T::Vector::load_splat(log_sums.add(head * shape.queries + from + i));
                    each([row.cast_const()], row, seen, |[x]| T::exp_shifted([x - log_sum])[0]);
                    for hidden in seen..keys {
                        *row.add(hidden) = T::ZERO;
                    }
                }
                if let Some(dv) = &grads.v {
                    let c = dv.at(at(dv.lead));
                    let weights = if scores.rounds.is_some() { rounded } else { p };
                    if scores.rounds.is_some() {
                        rounded.copy_from_nonoverlapping(p, rows * keys);
                        scores.round(rounded, rows * keys);
                    }
                    run(product(keys, shape.value_width, rows, T::ONE, read(weights).transposed(), g, T::ONE, c));
                }
                if grads.q.is_none() && grads.k.is_none() {
                    continue;
                }
                run(product(rows, keys, shape.value_width, T::ONE, g, v.transposed(), T::ZERO, block(ds)));
                for i in 0..rows {
                    let d = T::Vector::splat(dot(g, out, i, shape.value_width));
                    let (p, ds) = (p.add(i * keys), ds.add(i * keys));
                    each([p.cast_const(), ds.cast_const()], ds, keys, |[p, dp]| p * (dp - d));
                    scores.round(ds, keys);
                }
                if let Some(dq) = &grads.q {
                    let c = dq.at(at(dq.lead) + from as isize * dq.row);
                    run(product(rows, shape.width, keys, scale, read(ds), k, T::ZERO, c));
                }
                if let Some(dk) = &grads.k {
                    let c = dk.at(at(dk.lead));
                    run(product(keys, shape.width, rows, scale, read(ds).transposed(), q, T::ONE, c));
                }
            }
        }
    }
}

/// The inner product of row `i` of both.
unsafe fn dot<T: Scalar>(a: View<*const T>, b: View<*const T>, i: usize, n: usize) -> T {
    let (a_row, b_row) = (a.ptr.wrapping_offset(i as isize * a.rs), b.ptr.wrapping_offset(i as isize * b.rs));
    if a.cs == 1 && b.cs == 1 {
        // SAFETY: both rows have n contiguous elements.
        return unsafe {
            crate::reduce::fold::fold_row::<T, crate::reduce::fold::Add, crate::reduce::fold::Product>(a_row, b_row, n)
        };
    }
    let mut sum = T::ZERO;
    for j in 0..n as isize {
        // SAFETY: both rows have n elements.
        sum = sum + unsafe { *a_row.offset(j * a.cs) * *b_row.offset(j * b.cs) };
    }
    sum
}
