//! Where a channel is one element of a row, and its moments those of a column.

use super::backward::{Saved, slopes};
use super::forward::{affine, put, scaled};
use super::{Channels, Held, centre, of_channel};
use crate::exec::{Grain, Part, Shared, for_range};
use crate::reduce::{fold::COLUMNS, moments};
use crate::scratch;
use adjoint_simd::{Scalar, Vector};
use core::array::from_fn;

/// Rows whose sums are made in the type itself, and which stay in a cache while columns are gone
/// through.
const ROWS: usize = 64;
/// Partial sums side by side.
const SIDES: usize = 4;

#[expect(clippy::too_many_arguments, reason = "as `channel_norm`")]
pub(super) fn forward<T: Scalar>(
    x: &[T],
    weight: Option<&[T]>,
    bias: Option<&[T]>,
    at: Channels,
    eps: f64,
    held: Option<Held>,
    y: &mut [T],
    moments: &mut [T],
) {
    let Channels { outer: rows, channels: width, .. } = at;
    let Some(mut numbers) = scratch::filled([T::ZERO; 5], width) else { return };
    {
        let written = (Part::new(moments), Part::new(&mut numbers));
        // SAFETY: a range writes what is of its own columns.
        let pointers = unsafe { Shared::new((x.as_ptr(), written.0.as_mut_ptr(), written.1.as_mut_ptr())) };
        for_range(width.div_ceil(COLUMNS), Grain::of(4 * rows * width.min(COLUMNS)), &written, |tiles| {
            let (x, moments, numbers) = pointers.get();
            for from in tiles.map(|tile| tile * COLUMNS) {
                // SAFETY: these columns of each row are inside x; each has its place in the
                // outputs.
                unsafe {
                    moments::columns(x.add(from), rows, width, COLUMNS.min(width - from), |c, found| {
                        let c = from + c;
                        let centre = centre(found, rows, eps, held, |row| *x.add(row * width + c));
                        *numbers.add(c) = affine(&centre, weight, bias, c);
                        put(moments, width, c, &centre);
                    });
                }
            }
        });
    }
    rows_of([x], &numbers, y, |[x], numbers| scaled::<T>(x, numbers));
}

/// The sums of each column of g, and of its products with the distances of x from the shift.
pub(super) fn sums<T: Scalar>(g: &[T], x: &[T], shift: &[T], sums: &mut [[f64; 2]]) {
    let width = shift.len();
    let rows = x.len() / width;
    let written = Part::new(sums);
    for_range(width, Grain::of(4 * rows).in_units(T::LANES), &written, |columns| {
        // SAFETY: ranges are disjoint.
        let sums = unsafe { written.slice(columns.clone()) };
        for from in (0..rows).step_by(ROWS) {
            let block = from..rows.min(from + ROWS);
            for (c, sums) in columns.clone().step_by(T::LANES).zip(sums.chunks_mut(T::LANES)) {
                let len = sums.len();
                let load = |x: &[T], at: usize| {
                    let x = &x[at..at + len];
                    // SAFETY: `len` elements, a vector where that is as many.
                    unsafe {
                        if len == T::LANES {
                            T::Vector::load(x.as_ptr())
                        } else {
                            T::Vector::load_partial(x.as_ptr(), len, T::ZERO)
                        }
                    }
                };
                let shift = load(shift, c);
                let zero = T::Vector::splat(T::ZERO);
                let (mut sum, mut dot) = ([zero; SIDES], [zero; SIDES]);
                for row in block.clone() {
                    let (g, x) = (load(g, row * width + c), load(x, row * width + c));
                    sum[row % SIDES] = sum[row % SIDES] + g;
                    dot[row % SIDES] = (x - shift).mul_add(g, dot[row % SIDES]);
                }
                let both = [sum, dot].map(|[a, b, c, d]| (a + b) + (c + d));
                for (i, sums) in sums.iter_mut().enumerate() {
                    *sums = from_fn(|k| sums[k] + both[k].lane(i).to_f64());
                }
            }
        }
    });
}

pub(super) fn by_x<T: Scalar>(
    g: &[T],
    x: &[T],
    saved: &Saved<'_, T>,
    weight: Option<&[T]>,
    sums: &[[f64; 2]],
    at: Channels,
    dx: &mut [T],
) {
    let Some(mut numbers) = scratch::filled([T::ZERO; 4], at.channels) else { return };
    for (c, (numbers, &[sum, product])) in numbers.iter_mut().zip(sums).enumerate() {
        let (shift, rest, rstd) = saved.at(c);
        let [by_x, add] = slopes(sum, product - rest * sum, rest, rstd, at.outer);
        let scale = rstd * of_channel(weight, c, 1.0);
        *numbers = [shift, T::from_f64(by_x), T::from_f64(add), T::from_f64(scale)];
    }
    rows_of([g, x], &numbers, dx, |[g, x], [shift, by_x, add, scale]| (x - shift).mul_add(by_x, g + add) * scale);
}

/// `out = f(ins, numbers of the column)` for all elements of rows.
fn rows_of<T: Scalar, const N: usize, const K: usize>(
    ins: [&[T]; N],
    numbers: &[[T; K]],
    out: &mut [T],
    f: impl Fn([T::Vector; N], [T::Vector; K]) -> T::Vector + Sync,
) {
    let width = numbers.len();
    let rows = out.len() / width;
    let written = Part::new(out);
    for_range(rows, Grain::of(8 * width), &written, |range| {
        // SAFETY: ranges are disjoint.
        let out = unsafe { written.slice(range.start * width..range.end * width) };
        for from in range.clone().step_by(ROWS) {
            let block = from..range.end.min(from + ROWS);
            for c in (0..width).step_by(T::LANES) {
                let len = T::LANES.min(width - c);
                let number = |k: usize| {
                    let lanes: [T; 4] = from_fn(|i| numbers[c + i.min(len - 1)][k]);
                    // SAFETY: four elements, as many as a vector has at most.
                    unsafe { T::Vector::load(lanes.as_ptr()) }
                };
                let numbers: [T::Vector; K] = from_fn(number);
                for row in block.clone() {
                    let (at, to) = (row * width + c, (row - range.start) * width + c);
                    let to = &mut out[to..to + len];
                    let ins = ins.map(|x| &x[at..at + len]);
                    // SAFETY: `len` elements each, a vector where that is as many.
                    unsafe {
                        if len == T::LANES {
                            f(ins.map(|x| T::Vector::load(x.as_ptr())), numbers).store(to.as_mut_ptr());
                        } else {
                            let ins = ins.map(|x| T::Vector::load_partial(x.as_ptr(), len, T::ZERO));
                            f(ins, numbers).store_partial(to.as_mut_ptr(), len);
                        }
                    }
                }
            }
        }
    });
}
