//! Distances between rows, and their gradients, without the differences in memory.

use crate::exec::{Grain, Part, for_range};
use adjoint_simd::{Scalar, Vector};

/// What a distance is made of the differences of two rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distance {
    /// `Σ |d|`.
    One,
    /// `√(Σ d²)`.
    Two,
    /// `∛(Σ |d|³)`.
    Three,
}

/// Rows `x` of width `width` in `batches`, and in each the rows `y` they are paired with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pairs {
    /// Pairs of matrices.
    pub batches: usize,
    /// Rows of x.
    pub rows: usize,
    /// Rows of y.
    pub others: usize,
    /// Elements of a row.
    pub width: usize,
    /// Whether x and y are the same and a row is paired only with those behind it.
    pub triangle: bool,
}

impl Pairs {
    /// The pairs of one batch.
    pub fn count(self) -> usize {
        if self.triangle { self.rows * self.rows.saturating_sub(1) / 2 } else { self.rows * self.others }
    }

    /// Where the results of row `i` begin in a batch, and the first row it is paired with.
    fn first(self, i: usize) -> (usize, usize) {
        // Rows before it have one pair less each.
        if self.triangle { (i * (2 * self.rows - i - 1) / 2, i + 1) } else { (i * self.others, 0) }
    }

    fn check(self, x: usize, y: usize, results: usize) {
        let Pairs { batches, rows, others, width, triangle } = self;
        assert!(!triangle || rows == others, "kernel: a triangle of {rows} by {others} rows");
        assert!(x == batches * rows * width && y == batches * others * width, "kernel: lengths of rows");
        assert!(results == batches * self.count(), "kernel: {results} distances for {self:?}");
    }
}

/// Rows of y that meet a row of x at once.
const AT_ONCE: usize = 4;
/// Elements of a row, and rows of a gradient, that are summed before they join the total, so that a
/// long sum is no less accurate than a short one.
const BLOCK: usize = 256;
/// Columns of a gradient whose sums are kept at once.
const COLUMNS: usize = 64;

/// The distances of all pairs.
///
/// **Shapes**: x is `[batches, rows, width]`, y `[batches, others, width]`, out `[batches, rows,
/// others]`; of a triangle the pairs in that order.
///
/// **Errors**: panics when a slice is not as long as that.
pub fn distances<T: Scalar>(x: &[T], y: &[T], pairs: Pairs, kind: Distance, out: &mut [T]) {
    pairs.check(x.len(), y.len(), out.len());
    match kind {
        Distance::One => all_pairs(x, y, pairs, out, |sum, d| sum + d.abs(), |sum| sum),
        Distance::Two => {
            all_pairs(x, y, pairs, out, |sum, d| d.mul_add(d, sum), f64::sqrt);
        }
        Distance::Three => {
            all_pairs(x, y, pairs, out, |sum, d| (d * d).mul_add(d.abs(), sum), f64::cbrt);
        }
    }
}

#[inline(always)]
fn all_pairs<T: Scalar>(
    x: &[T],
    y: &[T],
    pairs: Pairs,
    out: &mut [T],
    step: impl Fn(T::Vector, T::Vector) -> T::Vector + Sync,
    finish: impl Fn(f64) -> f64 + Sync,
) {
    let Pairs { batches, rows, others, width, .. } = pairs;
    let (count, zero, out) = (pairs.count(), T::Vector::splat(T::ZERO), Part::new(out));
    for_range(batches * rows, Grain::of(2 * others * width), &out, |range| {
        for at in range {
            let (batch, i) = (at / rows, at % rows);
            let (start, first) = pairs.first(i);
            // SAFETY: the results of different rows are apart.
            let out = unsafe { out.slice(batch * count + start..batch * count + start + others - first) };
            let x = &x[at * width..][..width];
            let y = &y[(batch * others + first) * width..(batch + 1) * others * width];
            for (j, out) in out.chunks_mut(AT_ONCE).enumerate() {
                // The last rows once more where there are fewer.
                let y: [&[T]; AT_ONCE] = core::array::from_fn(|k| {
                    let row = j * AT_ONCE + k.min(out.len() - 1);
                    &y[row * width..][..width]
                });
                let mut totals = [0.0; AT_ONCE];
                for start in (0..width).step_by(BLOCK) {
                    let block = BLOCK.min(width - start);
                    let mut sums = [zero; AT_ONCE];
                    let whole = block - block % T::LANES;
                    for c in (start..start + whole).step_by(T::LANES) {
                        // SAFETY: a vector is left in rows of this width.
                        let here = unsafe { T::Vector::load(x.as_ptr().add(c)) };
                        for (sum, y) in sums.iter_mut().zip(y) {
                            // SAFETY: as above.
                            *sum = step(*sum, here - unsafe { T::Vector::load(y.as_ptr().add(c)) });
                        }
                    }
                    let (at, rest) = (start + whole, block - whole);
                    if rest > 0 {
                        // SAFETY: `rest` elements are left. Zeros on both sides are no distance.
                        let here = unsafe { T::Vector::load_partial(x.as_ptr().add(at), rest, T::ZERO) };
                        for (sum, y) in sums.iter_mut().zip(y) {
                            // SAFETY: as above.
                            let there = unsafe { T::Vector::load_partial(y.as_ptr().add(at), rest, T::ZERO) };
                            *sum = step(*sum, here - there);
                        }
                    }
                    totals.iter_mut().zip(sums).for_each(|(total, sum)| *total += sum.sum().to_f64());
                }
                for (out, total) in out.iter_mut().zip(totals) {
                    *out = T::from_f64(finish(total));
                }
            }
        }
    });
}

/// The gradient of x: `dx[i] = Σⱼ scale(i, j) · h(x[i] − y[j])` where `h(d)` is the sign of d, d, or
/// `d·|d|`, and `scale` gives the gradients of the distances, divided by their power.
///
/// `scale(batch, i, j)` is the place in `scales` of a pair. Rows of a triangle are paired with all
/// others and not with themselves. Sums go in the order of j.
///
/// **Shapes** and **Errors**: as [`distances`]; dx is as x.
pub fn distance_gradient<T: Scalar>(
    x: &[T],
    y: &[T],
    pairs: Pairs,
    kind: Distance,
    scales: &[T],
    scale: impl Fn(usize, usize, usize) -> usize + Sync,
    dx: &mut [T],
) {
    pairs.check(x.len(), y.len(), pairs.batches * pairs.count());
    assert!(dx.len() == x.len(), "kernel: gradient of {} for {} elements", dx.len(), x.len());
    match kind {
        Distance::One => {
            let (zero, one) = (T::ZERO, T::ONE);
            let sign = |d: T| {
                if d > zero {
                    one
                } else if d < zero {
                    -one
                } else {
                    zero
                }
            };
            pull(x, y, pairs, scales, scale, dx, sign);
        }
        Distance::Two => pull(x, y, pairs, scales, scale, dx, |d| d),
        Distance::Three => pull(x, y, pairs, scales, scale, dx, |d| d * d.abs()),
    }
}

#[inline(always)]
fn pull<T: Scalar>(
    x: &[T],
    y: &[T],
    pairs: Pairs,
    scales: &[T],
    scale: impl Fn(usize, usize, usize) -> usize + Sync,
    dx: &mut [T],
    h: impl Fn(T) -> T + Sync,
) {
    let Pairs { batches, rows, others, width, triangle } = pairs;
    let dx = Part::new(dx);
    for_range(batches * rows, Grain::of(3 * others * width), &dx, |range| {
        for at in range {
            let (batch, i) = (at / rows, at % rows);
            // SAFETY: rows are apart.
            let dx = unsafe { dx.slice(at * width..(at + 1) * width) };
            let x = &x[at * width..][..width];
            for c in (0..width).step_by(COLUMNS) {
                let columns = COLUMNS.min(width - c);
                let (x, dx) = (&x[c..][..columns], &mut dx[c..][..columns]);
                dx.fill(T::ZERO);
                for first in (0..others).step_by(BLOCK) {
                    let mut sums = [T::ZERO; COLUMNS];
                    for j in first..others.min(first + BLOCK) {
                        if triangle && i == j {
                            continue;
                        }
                        let s = scales[scale(batch, i, j)];
                        let y = &y[(batch * others + j) * width + c..][..columns];
                        for (sum, (&x, &y)) in sums.iter_mut().zip(x.iter().zip(y)) {
                            *sum = *sum + s * h(x - y);
                        }
                    }
                    dx.iter_mut().zip(sums).for_each(|(dx, sum)| *dx = *dx + sum);
                }
            }
        }
    });
}
