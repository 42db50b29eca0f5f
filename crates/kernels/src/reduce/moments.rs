//! Mean and variance.
//!
//! The deviations from a shift near the mean and their squares are added up together. What the
//! distance of the shift from the mean adds to the squares is known from the sum of the deviations
//! and taken off again, so a large common offset costs nothing. The shift is the rounded mean;
//! along a row that of its first elements serves where it turns out to be near enough, which saves
//! a pass.
//!
//! f32 is worked out in f64 where its own squares would not do: in short rows, whose roundings do
//! not average out, and where squares overflow or vanish.

use super::Axis;
use super::fold::{Add, COLUMNS, Combine, Deviation, Identity, fold_columns_wide, fold_row_wide};
use crate::exec::{Grain, Part, Shared, for_range};
use adjoint_simd::{Scalar, Vector};

/// The mean, and the sum of the squares of the deviations from it.
#[derive(Clone, Copy)]
pub(crate) struct Moments {
    pub(crate) mean: f64,
    pub(crate) squares: f64,
}

/// Elements from which on f32 squares are added in f32.
const LONG: usize = 64;
/// The same where moments are the result, or those of many columns: there the greatest error counts.
const MANY: usize = 128;
/// Vectors at the start of a row whose mean is the first shift.
const HEAD: usize = 8;
/// How much of the squares the distance between shift and mean may be: taking it off then costs
/// half a bit.
const NEAR: f64 = 0.25;
/// Elements that a shift is chosen by.
const NEARBY: usize = 8;
/// Vectors of a row that are taken at once.
const WIDE: usize = 8;
/// Below this mean square deviation f32 squares lose digits.
const TINY: f64 = 1e-30;

/// Variance and mean over the axis: `var = Σ (x − mean)² / max(n − correction, 0)`.
///
/// `correction` is 1 for the unbiased estimate and 0 for the variance of the whole population;
/// where nothing is left to divide by, the result is NaN, or +∞ when a deviation is not 0, as in
/// PyTorch.
pub fn var_mean<T: Scalar>(x: &[T], axis: Axis, correction: f64, var: &mut [T], mean: &mut [T]) {
    spread_mean(x, axis, correction, |var| var, var, mean);
}

/// The same with the standard deviation, the root of the variance: that may be too large or too
/// small for the type where its root is not.
pub fn std_mean<T: Scalar>(x: &[T], axis: Axis, correction: f64, std: &mut [T], mean: &mut [T]) {
    spread_mean(x, axis, correction, f64::sqrt, std, mean);
}

fn spread_mean<T: Scalar>(x: &[T], axis: Axis, correction: f64, of: fn(f64) -> f64, out: &mut [T], mean: &mut [T]) {
    axis.check_full(x.len());
    axis.check_reduced(out.len());
    axis.check_reduced(mean.len());
    let Axis { outer, n, inner } = axis;
    let divisor = (n as f64 - correction).max(0.0);
    let written = (Part::new(out), Part::new(mean));
    // SAFETY: a range writes the results of its own rows or tiles of columns.
    let pointers = unsafe { Shared::new((x.as_ptr(), written.0.as_mut_ptr(), written.1.as_mut_ptr())) };
    let tiles = inner.div_ceil(COLUMNS);
    for_range(outer * tiles, Grain::of(4 * n * inner.min(COLUMNS)), &written, |range| {
        let (x, out, mean) = pointers.get();
        for tile in range {
            let (o, c) = if inner == 1 { (tile, 0) } else { (tile / tiles, tile % tiles * COLUMNS) };
            let put = |at: usize, m: Moments| {
                // SAFETY: called for results of row o, which are inside both.
                unsafe {
                    *out.add(o * inner + at) = T::from_f64(of(m.squares / divisor));
                    *mean.add(o * inner + at) = T::from_f64(m.mean);
                }
            };
            // SAFETY: row o of n elements, or a tile of the columns of n rows `inner` apart, is
            // inside x.
            unsafe {
                if inner == 1 {
                    let x = x.add(o * n);
                    put(0, if size_of::<T>() == 4 && n < MANY { wide_row(x, n) } else { row(x, n) });
                } else {
                    let width = COLUMNS.min(inner - c);
                    columns(x.add(o * n * inner + c), n, inner, width, |at, m| put(c + at, m));
                }
            }
        }
    });
}

/// Whether squares in the type itself have given the digits it has.
fn holds<T>(m: Moments, n: usize) -> bool {
    // None at all are exact, unless the type could not hold the variance either.
    size_of::<T>() == 8 || (m.squares.is_finite() && (m.squares == 0.0 || m.squares > TINY * n as f64))
}

/// The moments from the sums of deviations from `shift` and of their squares.
fn moments(shift: f64, [deviations, squares]: [f64; 2], n: f64) -> Moments {
    let rest = deviations / n;
    // Where an element is infinite the shift is, and is the mean; the squares are NaN.
    let mean = if rest.is_nan() { shift } else { shift + rest };
    Moments { mean, squares: (squares - deviations * rest).max(squares * 0.0) }
}

/// The moments of `n` contiguous elements.
///
/// # Safety
/// They are readable.
pub(crate) unsafe fn row<T: Scalar>(x: *const T, n: usize) -> Moments {
    let count = n as f64;
    // SAFETY: the caller's promise.
    unsafe {
        if size_of::<T>() == 8 || n >= LONG {
            if n >= HEAD * T::LANES {
                let shift = near(head_mean(x).to_f64(), n, |i| *x.add(i));
                let sums = deviations(x, shift, n);
                let found = moments(shift.to_f64(), sums, count);
                // False for a NaN too.
                if sums[0] * sums[0] <= NEAR * count * sums[1] && holds::<T>(found, n) {
                    return found;
                }
            }
            let [sum] = fold_row_wide::<T, Add, Identity, 1>(x, x, n);
            let shift = near(sum / count, n, |i| *x.add(i));
            let found = moments(shift.to_f64(), deviations(x, shift, n), count);
            if holds::<T>(found, n) {
                return found;
            }
        }
        wide_row(x, n)
    }
}

/// A number near the mean with few digits, for a shift. A difference from one with all of its
/// digits is rounded by the same amount for every element of a size, which adds up: a mean of many
/// would be off in its last four bits. `at` gives the `n` elements; the nearest of the first to the
/// mean says how far the shift may be from it.
#[inline(always)]
pub(crate) fn near<T: Scalar>(mean: f64, n: usize, at: impl Fn(usize) -> T) -> T {
    let distances = (0..n.min(NEARBY)).map(|i| (at(i).to_f64() - mean).abs());
    let least = distances.fold(f64::INFINITY, |least, d| if d > 0.0 && d < least { d } else { least });
    // A power of two, 2⁸ times less than that.
    let step = f64::from_bits(least.to_bits() & f64::INFINITY.to_bits()) / 256.0;
    let near = (mean / step).round() * step;
    T::from_f64(if near.is_finite() && step.is_finite() { near } else { mean })
}

/// The mean of the first elements of a row.
///
/// # Safety
/// [`HEAD`] vectors are readable.
#[inline(always)]
unsafe fn head_mean<T: Scalar>(x: *const T) -> T {
    // SAFETY: the caller's vectors.
    let at = |i: usize| unsafe { T::Vector::load(x.add(i * T::LANES)) };
    let four = |i: usize| (at(i) + at(i + 1)) + (at(i + 2) + at(i + 3));
    (four(0) + four(4)).sum() * T::from_f64(1.0 / (HEAD * T::LANES) as f64)
}

/// The sums of the deviations from `shift` and of their squares.
///
/// # Safety
/// `n` elements are readable.
#[inline(never)]
unsafe fn deviations<T: Scalar>(x: *const T, shift: T, n: usize) -> [f64; 2] {
    let from = T::Vector::splat(shift);
    let both = |d: T::Vector| [d, d * d];
    // SAFETY: asked for what the caller has.
    let at = |i: usize| both(unsafe { T::Vector::load(x.add(i)) } - from);
    let one = |i: usize| {
        // SAFETY: as above.
        let d = unsafe { (*x.add(i)).to_f64() } - shift.to_f64();
        [d, d * d]
    };
    two_sums::<T>(n, at, one)
}

/// The sum of g, and that of its products with the distances of x from `shift`.
///
/// # Safety
/// Both have `n` readable elements.
#[inline(never)]
pub(crate) unsafe fn sum_and_dot<T: Scalar>(g: *const T, x: *const T, shift: T, n: usize) -> [f64; 2] {
    let from = T::Vector::splat(shift);
    // SAFETY: asked for what the caller has.
    let at = |i: usize| unsafe {
        let g = T::Vector::load(g.add(i));
        [g, g * (T::Vector::load(x.add(i)) - from)]
    };
    let one = |i: usize| {
        // SAFETY: as above.
        let (g, x) = unsafe { ((*g.add(i)).to_f64(), (*x.add(i)).to_f64()) };
        [g, g * (x - shift.to_f64())]
    };
    two_sums::<T>(n, at, one)
}

/// The sums of two numbers for each of `n` elements: `at` gives those of a vector of elements from
/// its argument on, `one` those of one element.
#[inline(always)]
pub(crate) fn two_sums<T: Scalar>(
    n: usize,
    at: impl Fn(usize) -> [T::Vector; 2],
    one: impl Fn(usize) -> [f64; 2],
) -> [f64; 2] {
    let zero = T::Vector::splat(T::ZERO);
    let turn = WIDE * T::LANES;
    let whole = n - n % turn;
    let mut totals = [[zero; 2]; 2];
    let both = |a: [T::Vector; 2], b: [T::Vector; 2]| [a[0] + b[0], a[1] + b[1]];
    for from in (0..whole).step_by(turn) {
        // Pairwise, and joined after every turn: terms one after the other in a lane would be seen in
        // the last place.
        let two = |i: usize| both(at(from + i * T::LANES), at(from + (i + 1) * T::LANES));
        let block = both(both(two(0), two(2)), both(two(4), two(6)));
        for (total, block) in totals.iter_mut().zip(block) {
            let (sum, carry) = Add::join(total[0], total[1], block);
            *total = [sum, carry];
        }
    }
    let mut from = whole;
    let mut left = [zero; 2];
    while from + T::LANES <= n {
        left = both(left, at(from));
        from += T::LANES;
    }
    let total = |k: usize| {
        let (sum, carry) = Add::join(totals[k][0], totals[k][1], left[k]);
        Add::across::<T>(sum, carry)
    };
    let (mut a, mut b) = (total(0), total(1));
    for i in from..n {
        let [x, y] = one(i);
        a += x;
        b += y;
    }
    [a, b]
}

/// The same in f64.
unsafe fn wide_row<T: Scalar>(x: *const T, n: usize) -> Moments {
    // SAFETY: the caller's `n` elements.
    let at = |i: usize| unsafe { (*x.add(i)).to_f64() };
    // Four sums side by side, which need not wait for each other.
    let (mut sums, mut deviations, mut squares) = ([0.0; 4], [0.0; 4], [0.0; 4]);
    let whole = n - n % 4;
    for i in (0..whole).step_by(4) {
        for (k, sum) in sums.iter_mut().enumerate() {
            *sum += at(i + k);
        }
    }
    for i in whole..n {
        sums[0] += at(i);
    }
    let total = |v: [f64; 4]| (v[0] + v[1]) + (v[2] + v[3]);
    let count = n as f64;
    let shift = total(sums) / count;
    let mut take = |k: usize, x: f64| {
        let d = x - shift;
        deviations[k] += d;
        squares[k] += d * d;
    };
    for i in (0..whole).step_by(4) {
        for k in 0..4 {
            take(k, at(i + k));
        }
    }
    for i in whole..n {
        take(0, at(i));
    }
    moments(shift, [total(deviations), total(squares)], count)
}

/// The moments of `width` columns of `n` rows, `stride` apart; `put` gets those of each column.
///
/// # Safety
/// They are readable, and `width` is at most [`COLUMNS`].
pub(crate) unsafe fn columns<T: Scalar>(
    x: *const T,
    n: usize,
    stride: usize,
    width: usize,
    mut put: impl FnMut(usize, Moments),
) {
    let count = n as f64;
    // SAFETY: the caller's promise.
    unsafe {
        if size_of::<T>() == 8 || n >= MANY {
            let mut shift = [T::ZERO; COLUMNS];
            fold_columns_wide::<T, Add, Identity, 1>(x, x, n, stride, width, |c, [sum]| {
                shift[c] = near(sum / count, n, |i| *x.add(i * stride + c));
            });
            let mut all = true;
            fold_columns_wide::<T, Add, Deviation, 2>(x, shift.as_ptr(), n, stride, width, |c, sums| {
                let found = moments(shift[c].to_f64(), sums, count);
                all &= holds::<T>(found, n);
                put(c, found);
            });
            if all {
                return;
            }
        }
        wide_columns(x, n, stride, width, put);
    }
}

/// The same in f64.
unsafe fn wide_columns<T: Scalar>(
    x: *const T,
    n: usize,
    stride: usize,
    width: usize,
    mut put: impl FnMut(usize, Moments),
) {
    // SAFETY: the caller's `n` rows of `width` elements.
    let at = |i: usize, c: usize| unsafe { (*x.add(i * stride + c)).to_f64() };
    let count = n as f64;
    let (mut shift, mut deviations, mut squares) = ([0.0; COLUMNS], [0.0; COLUMNS], [0.0; COLUMNS]);
    for i in 0..n {
        for (c, shift) in shift[..width].iter_mut().enumerate() {
            *shift += at(i, c);
        }
    }
    for shift in &mut shift[..width] {
        *shift /= count;
    }
    for i in 0..n {
        for c in 0..width {
            let d = at(i, c) - shift[c];
            deviations[c] += d;
            squares[c] += d * d;
        }
    }
    for c in 0..width {
        put(c, moments(shift[c], [deviations[c], squares[c]], count));
    }
}
