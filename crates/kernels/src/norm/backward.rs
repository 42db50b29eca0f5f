//! Derivatives of layer normalization.

use super::PARTS;
use crate::reduce::fold::{Add, Combine};
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
const BLOCK: usize = 8;

/// With `x̂ = (x − centre) · rstd + rest` and `a = g · weight`: `dx = rstd · (a − mean(a) − x̂ ·
/// mean(a · x̂))` in each row, `dweight = Σ g · x̂` and `dbias = Σ g` over rows.
///
/// **Shapes**: g and x are `[rows, n]`, parts `[PARTS, rows]` as [`super::layer_norm`] wrote them,
/// weight `[n]`.
///
/// **Accuracy**: three roundings an element of dx besides those of `rstd`. Sums are made in blocks
/// of 256 elements or 8 rows; blocks meet in f64, or with what rounding loses kept, so that the
/// error does not grow with their number.
///
/// **Errors**: panics when an array does not have the elements its shape needs.
///
/// **Cost**: reads a row of g and x from memory once; two more passes over it in cache.
pub fn layer_norm_backward<T: Scalar>(g: &[T], x: &[T], parts: &[T], weight: &[T], out: Derivatives<'_, T>) {
    let (rows, n) = (parts.len() / PARTS, weight.len());
    let full = |len: Option<usize>| len.is_none_or(|len| len == rows * n);
    let one = |len: Option<usize>| len.is_none_or(|len| len == n);
    assert!(
        g.len() == rows * n
            && x.len() == rows * n
            && parts.len() == PARTS * rows
            && full(out.x.as_ref().map(|v| v.len()))
            && one(out.weight.as_ref().map(|v| v.len()))
            && one(out.bias.as_ref().map(|v| v.len())),
        "layer_norm_backward: {rows} rows of {n} do not fit the arrays"
    );
    let (centre, rest, rstd) = (&parts[..rows], &parts[rows..2 * rows], &parts[2 * rows..]);
    let Derivatives { x: mut dx, weight: dw, bias: db } = out;
    let (Some(mut dw), Some(mut db)) = (Column::new(dw), Column::new(db)) else { return };
    for row in 0..rows {
        let (c, d, r) = (centre[row], rest[row], rstd[row]);
        let (g, x, w) = (g[row * n..].as_ptr(), x[row * n..].as_ptr(), weight.as_ptr());
        let middle = T::Vector::splat(c);
        // SAFETY: g, x and where it is wanted dx have a row of n elements here; weight and the
        // blocks have n.
        unsafe {
            if let Some(dx) = dx.as_deref_mut() {
                let [sum, dot] = sums::<T>(g, x, w, n, middle).map(|v| v / n as f64);
                let (d, r) = (d.to_f64(), r.to_f64());
                // x̂ is not made: its scale and its rest are in the two numbers.
                let mean_ax = r * dot + d * sum;
                let slope = T::Vector::splat(T::from_f64(r * mean_ax));
                let level = T::Vector::splat(T::from_f64(sum + d * mean_ax));
                let r = T::Vector::splat(rstd[row]);
                each([g, x, w], dx[row * n..].as_mut_ptr(), n, |[g, x, w]| {
                    r * (g * w - (x - middle).mul_add(slope, level))
                });
            }
            if let Some(block) = dw.block() {
                let (d, r) = (T::Vector::splat(d), T::Vector::splat(r));
                each([g, x, block.cast_const()], block, n, |[g, x, sum]| (x - middle).mul_add(r, d).mul_add(g, sum));
            }
            if let Some(block) = db.block() {
                each([g, block.cast_const()], block, n, |[g, sum]| sum + g);
            }
        }
        if row % BLOCK == BLOCK - 1 {
            dw.join();
            db.join();
        }
    }
    dw.finish();
    db.finish();
}

/// Sums down columns: the total, what that could not hold, and the rows since they were joined.
struct Column<'a, T> {
    total: Option<&'a mut [T]>,
    carry: Vec<T>,
    block: Vec<T>,
}

impl<'a, T: Scalar> Column<'a, T> {
    /// Of zeros; `None` where there is no memory for them.
    fn new(total: Option<&'a mut [T]>) -> Option<Self> {
        let n = total.as_ref().map_or(0, |total| total.len());
        let (carry, block) = (scratch::filled(T::ZERO, n)?, scratch::filled(T::ZERO, n)?);
        let mut column = Column { total, carry, block };
        if let Some(total) = &mut column.total {
            total.fill(T::ZERO);
        }
        Some(column)
    }

    /// Where rows are added, if the sums are wanted.
    fn block(&mut self) -> Option<*mut T> {
        self.total.is_some().then(|| self.block.as_mut_ptr())
    }

    /// Takes the block into the total.
    fn join(&mut self) {
        let Some(total) = &mut self.total else { return };
        let n = total.len();
        let (total, carry, block) = (total.as_mut_ptr(), self.carry.as_mut_ptr(), self.block.as_mut_ptr());
        // SAFETY: all three have n elements. The carry is made of the total before it is written.
        unsafe {
            let ins = [total.cast_const(), carry.cast_const(), block.cast_const()];
            each(ins, carry, n, |[total, carry, block]| Add::join(total, carry, block).1);
            each([ins[0], ins[2]], total, n, |[total, block]| total + block);
        }
        self.block.fill(T::ZERO);
    }

    /// Takes the last block and the carry into the total.
    fn finish(&mut self) {
        self.join();
        let Some(total) = &mut self.total else { return };
        for (total, &carry) in total.iter_mut().zip(&self.carry) {
            *total = Add::finish(*total, carry);
        }
    }
}

/// `Σ g · w` and `Σ g · w · (x − middle)`.
///
/// # Safety
/// g, x and w have `n` readable elements.
#[inline(always)]
unsafe fn sums<T: Scalar>(g: *const T, x: *const T, w: *const T, n: usize, middle: T::Vector) -> [f64; 2] {
    let zero = T::Vector::splat(T::ZERO);
    let (mut sum, mut dot) = (0.0, 0.0);
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
                    d[i] = (T::Vector::load(x.add(at)) - middle).mul_add(a, d[i]);
                }
            }
            at += 2 * T::LANES;
        }
        sum += (s[0] + s[1]).sum().to_f64();
        dot += (d[0] + d[1]).sum().to_f64();
    }
    if whole < n {
        // SAFETY: the elements that are left; past them g and w read as 0.
        unsafe {
            let rest = n - whole;
            let load = |p: *const T, fill: T| T::Vector::load_partial(p.add(whole), rest, fill);
            let a = load(g, T::ZERO) * load(w, T::ZERO);
            sum += a.sum().to_f64();
            dot += ((load(x, *x) - middle) * a).sum().to_f64();
        }
    }
    [sum, dot]
}
