//! Derivatives of layer normalization.

use crate::exec::{Grain, Part, for_range};
use crate::reduce::moments::two_sums;
use crate::scratch;
use crate::softmax::each;
use adjoint_simd::{Scalar, Vector};

/// Where derivatives are written; those that are not wanted are `None`.
#[derive(Default)]
pub struct Derivatives<'a, T> {
    /// By x, `[rows, n]`.
    pub x: Option<&'a mut [T]>,
    /// By the weight, `[n]`.
    pub weight: Option<&'a mut [T]>,
    /// By the bias, `[n]`.
    pub bias: Option<&'a mut [T]>,
}

/// Rows that are added up before they meet the sums of the others.
const BLOCK: usize = 64;

/// With `x̂ = (x − mean) · rstd` and `a = g · weight`: `dx = rstd · (a − mean(a) − x̂ · mean(a ·
/// x̂))` in each row, `dweight = Σ g · x̂` and `dbias = Σ g` over rows.
///
/// **Shapes**: g and x are `[rows, n]`, mean and rstd, as [`super::layer_norm`] wrote them,
/// `[rows]`, weight `[n]`.
///
/// **Accuracy**: sums along rows are made pairwise and joined in f64, those over rows in blocks of
/// 64 rows that are joined in f64.
///
/// **Errors**: panics when an array does not have the elements its shape needs.
///
/// **Cost**: reads a row of g and x from memory once; two more passes over it in cache.
pub fn layer_norm_backward<T: Scalar>(g: &[T], x: &[T], mean: &[T], rstd: &[T], weight: &[T], out: Derivatives<'_, T>) {
    let (rows, n) = (mean.len(), weight.len());
    let full = |len: Option<usize>| len.is_none_or(|len| len == rows * n);
    let one = |len: Option<usize>| len.is_none_or(|len| len == n);
    assert!(
        g.len() == rows * n
            && x.len() == rows * n
            && rstd.len() == rows
            && full(out.x.as_ref().map(|v| v.len()))
            && one(out.weight.as_ref().map(|v| v.len()))
            && one(out.bias.as_ref().map(|v| v.len())),
        "layer_norm_backward: {rows} rows of {n} do not fit the arrays"
    );
    let Derivatives { x: mut dx, weight: dw, bias: db } = out;
    let part = |wanted: bool| scratch::filled(T::ZERO, if wanted { n } else { 0 });
    let (Some(mut dw_part), Some(mut db_part)) = (part(dw.is_some()), part(db.is_some())) else { return };
    let total = |part: &[T]| scratch::filled(0.0, part.len());
    let (Some(mut dw_total), Some(mut db_total)) = (total(&dw_part), total(&db_part)) else { return };
    let mut centres = [Centre { shift: T::ZERO, rest: 0.0, rstd: 0.0 }; BLOCK];
    // Block after block, so that rows are still in a cache when columns are added up.
    for from in (0..rows).step_by(BLOCK) {
        let block = from..rows.min(from + BLOCK);
        for (centre, row) in centres.iter_mut().zip(block.clone()) {
            *centre = Centre::of(mean[row], rstd[row]);
        }
        let centres = &centres[..block.len()];
        if let Some(dx) = dx.as_deref_mut() {
            by_x(g, x, centres, weight, &mut dx[block.start * n..block.end * n], from);
        }
        if dw.is_none() && db.is_none() {
            continue;
        }
        let parts = (Part::new(&mut dw_part), Part::new(&mut db_part));
        for_range(n, Grain::of(4 * block.len()).in_units(T::LANES), &parts, |columns| {
            let (from, len) = (columns.start, columns.len());
            // SAFETY: ranges are disjoint; g and x have these columns of each row, and the parts
            // that are wanted.
            unsafe {
                let wanted = |wanted: bool| if wanted { columns.clone() } else { 0..0 };
                let dw = parts.0.slice(wanted(dw.is_some()));
                let db = parts.1.slice(wanted(db.is_some()));
                for (row, centre) in block.clone().zip(centres) {
                    let shift = T::Vector::splat(centre.shift);
                    let [r, rest] = [centre.rstd, -centre.rest * centre.rstd].map(|v| T::Vector::splat(T::from_f64(v)));
                    let (g, x) = (g[row * n + from..].as_ptr(), x[row * n + from..].as_ptr());
                    if !dw.is_empty() {
                        let part = dw.as_mut_ptr();
                        each([g, x, part.cast_const()], part, len, |[g, x, part]| {
                            (x - shift).mul_add(r, rest).mul_add(g, part)
                        });
                    }
                    if !db.is_empty() {
                        let part = db.as_mut_ptr();
                        each([g, part.cast_const()], part, len, |[g, part]| part + g);
                    }
                }
            }
        });
        for (total, part) in [(&mut dw_total, &mut dw_part), (&mut db_total, &mut db_part)] {
            for (total, part) in total.iter_mut().zip(part) {
                *total += part.to_f64();
                *part = T::ZERO;
            }
        }
    }
    for (out, total) in [(dw, dw_total), (db, db_total)] {
        for (out, total) in out.into_iter().flatten().zip(total) {
            *out = T::from_f64(total);
        }
    }
}

/// The moments of a row, with a mean in two parts: a number with few digits, from which elements are
/// taken without being rounded all the same way, and the rest.
#[derive(Clone, Copy)]
struct Centre<T> {
    shift: T,
    rest: f64,
    rstd: f64,
}

impl<T: Scalar> Centre<T> {
    fn of(mean: T, rstd: T) -> Self {
        let (m, r) = (mean.to_f64(), rstd.to_f64());
        // A power of two, 2⁸ times less than the standard deviation.
        let step = f64::from_bits((1.0 / r).to_bits() & f64::INFINITY.to_bits()) / 256.0;
        let shift = T::from_f64((m / step).round() * step);
        let rest = m - shift.to_f64();
        // Where the deviation is no number, or the mean has no digits below the step.
        if rest.is_finite() && rest.abs() <= step {
            Centre { shift, rest, rstd: r }
        } else {
            Centre { shift: mean, rest: 0.0, rstd: r }
        }
    }
}

/// The derivative by x of the rows from `from` on, of which `dx` and the centres are.
fn by_x<T: Scalar>(g: &[T], x: &[T], centres: &[Centre<T>], weight: &[T], dx: &mut [T], from: usize) {
    let n = weight.len();
    let written = Part::new(dx);
    for_range(centres.len(), Grain::of(8 * n), &written, |rows| {
        for row in rows {
            let Centre { shift, rest, rstd } = centres[row];
            let (g, x, w) = (g[(from + row) * n..].as_ptr(), x[(from + row) * n..].as_ptr(), weight.as_ptr());
            // SAFETY: g, x and dx have a row of n elements here, the weight has n; rows are apart.
            unsafe {
                let [sum, product] = sums::<T>(g, x, w, n, shift);
                let by_x = -rstd * rstd * (product - rest * sum) / n as f64;
                let add = -sum / n as f64 - rest * by_x;
                let [by_x, add, r] = [by_x, add, rstd].map(|v| T::Vector::splat(T::from_f64(v)));
                let shift = T::Vector::splat(shift);
                let dx = written.slice(row * n..(row + 1) * n);
                each([g, x, w], dx.as_mut_ptr(), n, |[g, x, w]| (x - shift).mul_add(by_x, g.mul_add(w, add)) * r);
            }
        }
    });
}

/// `Σ g · w` and `Σ g · w · (x − shift)`.
///
/// # Safety
/// g, x and w have `n` readable elements.
#[inline(always)]
unsafe fn sums<T: Scalar>(g: *const T, x: *const T, w: *const T, n: usize, shift: T) -> [f64; 2] {
    let from = T::Vector::splat(shift);
    // SAFETY: asked for what the caller has.
    let at = |i: usize| unsafe {
        let a = T::Vector::load(g.add(i)) * T::Vector::load(w.add(i));
        [a, a * (T::Vector::load(x.add(i)) - from)]
    };
    let one = |i: usize| {
        // SAFETY: as above.
        let [g, x, w] = unsafe { [*g.add(i), *x.add(i), *w.add(i)] }.map(T::to_f64);
        let a = g * w;
        [a, a * (x - shift.to_f64())]
    };
    two_sums::<T>(n, at, one)
}
