//! Derivatives of layer normalization.

use crate::exec::{Grain, Part, for_range};
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

/// Elements of a row that are added up before they meet the sums of the others.
const CHUNK: usize = 256;
/// Rows that are added up before they meet the sums of the others.
const BLOCK: usize = 64;

/// With `x̂ = (x − mean) · rstd` and `a = g · weight`: `dx = rstd · (a − mean(a) − x̂ · mean(a ·
/// x̂))` in each row, `dweight = Σ g · x̂` and `dbias = Σ g` over rows.
///
/// **Shapes**: g and x are `[rows, n]`, mean and rstd, as [`super::layer_norm`] wrote them,
/// `[rows]`, weight `[n]`.
///
/// **Accuracy**: sums are made in blocks of 256 elements or 64 rows, so that their error grows with
/// the number of blocks.
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
    let Derivatives { x: mut dx, weight: mut dw, bias: mut db } = out;
    let part = |wanted: bool| scratch::filled(T::ZERO, if wanted { n } else { 0 });
    let (Some(mut dw_part), Some(mut db_part)) = (part(dw.is_some()), part(db.is_some())) else { return };
    dw.as_deref_mut().unwrap_or_default().fill(T::ZERO);
    db.as_deref_mut().unwrap_or_default().fill(T::ZERO);
    // Block after block, so that rows are still in a cache when columns are added up.
    for from in (0..rows).step_by(BLOCK) {
        let block = from..rows.min(from + BLOCK);
        if let Some(dx) = dx.as_deref_mut() {
            by_x(
                g,
                x,
                [&mean[block.clone()], &rstd[block.clone()]],
                weight,
                &mut dx[block.start * n..block.end * n],
                from,
            );
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
                for row in block.clone() {
                    let (m, r) = (T::Vector::splat(mean[row]), T::Vector::splat(rstd[row]));
                    let (g, x) = (g[row * n + from..].as_ptr(), x[row * n + from..].as_ptr());
                    if !dw.is_empty() {
                        let part = dw.as_mut_ptr();
                        each([g, x, part.cast_const()], part, len, |[g, x, part]| ((x - m) * r).mul_add(g, part));
                    }
                    if !db.is_empty() {
                        let part = db.as_mut_ptr();
                        each([g, part.cast_const()], part, len, |[g, part]| part + g);
                    }
                }
            }
        });
        for (total, part) in [(dw.as_deref_mut(), &mut dw_part), (db.as_deref_mut(), &mut db_part)] {
            for (total, part) in total.unwrap_or_default().iter_mut().zip(part) {
                *total = *total + *part;
                *part = T::ZERO;
            }
        }
    }
}

/// The derivative by x of the rows from `from` on, of which `dx` and the moments are.
fn by_x<T: Scalar>(g: &[T], x: &[T], [mean, rstd]: [&[T]; 2], weight: &[T], dx: &mut [T], from: usize) {
    let n = weight.len();
    let written = Part::new(dx);
    for_range(mean.len(), Grain::of(8 * n), &written, |rows| {
        for row in rows {
            let (m, r) = (T::Vector::splat(mean[row]), T::Vector::splat(rstd[row]));
            let (g, x, w) = (g[(from + row) * n..].as_ptr(), x[(from + row) * n..].as_ptr(), weight.as_ptr());
            // SAFETY: g, x and dx have a row of n elements here, the weight has n; rows are apart.
            unsafe {
                let (sum, dot) = sums::<T>(g, x, w, n, m, r);
                let count = T::from_f64(n as f64);
                let (mean_a, mean_ax) = (T::Vector::splat(sum / count), T::Vector::splat(dot / count));
                let dx = written.slice(row * n..(row + 1) * n);
                each([g, x, w], dx.as_mut_ptr(), n, |[g, x, w]| r * (g * w - mean_a - (x - m) * r * mean_ax));
            }
        }
    });
}

/// `Σ g · w` and `Σ g · w · (x − m) · r`.
///
/// # Safety
/// g, x and w have `n` readable elements.
#[inline(always)]
unsafe fn sums<T: Scalar>(g: *const T, x: *const T, w: *const T, n: usize, m: T::Vector, r: T::Vector) -> (T, T) {
    let zero = T::Vector::splat(T::ZERO);
    let (mut sum, mut dot) = (zero, zero);
    let whole = n - n % T::LANES;
    for start in (0..whole).step_by(CHUNK) {
        let end = (start + CHUNK).min(whole);
        let (mut s, mut d) = ([zero; 2], [zero; 2]);
        let mut at = start;
        while at < end {
            // SAFETY: a whole vector is below `whole` from here; the second one, too, where it is
            // taken.
            unsafe {
                for i in 0..if at + 2 * T::LANES <= end { 2 } else { 1 } {
                    let at = at + i * T::LANES;
                    let a = T::Vector::load(g.add(at)) * T::Vector::load(w.add(at));
                    s[i] = s[i] + a;
                    d[i] = ((T::Vector::load(x.add(at)) - m) * r).mul_add(a, d[i]);
                }
            }
            at += 2 * T::LANES;
        }
        sum = sum + (s[0] + s[1]);
        dot = dot + (d[0] + d[1]);
    }
    if whole < n {
        // SAFETY: the elements that are left; past them g and w read as 0.
        unsafe {
            let rest = n - whole;
            let load = |p: *const T, fill: T| T::Vector::load_partial(p.add(whole), rest, fill);
            let a = load(g, T::ZERO) * load(w, T::ZERO);
            sum = sum + a;
            dot = ((load(x, *x) - m) * r).mul_add(a, dot);
        }
    }
    (sum.sum(), dot.sum())
}
