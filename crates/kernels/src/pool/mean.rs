//! Sums over windows divided by their sizes, and the transpose.

use crate::exec::{Grain, Part, for_range};
use crate::reduce::fold::{Add, COLUMNS, Identity, fold_columns, fold_row};
use crate::scratch;
use adjoint_simd::Scalar;

/// A window along one axis: its elements, and the size it counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First element.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// What the window's length counts for in the divisor.
    pub size: usize,
}

fn check(planes: usize, [height, width]: [usize; 2], rows: &[Span], cols: &[Span], x: usize, y: usize) {
    let inside = |spans: &[Span], extent: usize| spans.iter().all(|s| s.start <= s.end && s.end <= extent);
    assert!(inside(rows, height) && inside(cols, width), "pool: a window outside its plane");
    assert!(x == planes * height * width && y == planes * rows.len() * cols.len(), "pool: lengths");
}

/// Windows of a row shorter than this are added element by element.
const SHORT: usize = 16;

/// Writes the sum over each window of each plane, divided by `divisor`, or where that is 0 by the
/// window's size.
///
/// Rows of a window are added first, all columns side by side, then the columns: so an element is
/// read once for all windows beside each other, and the sums of large windows are as accurate as a
/// reduction's.
///
/// **Errors**: panics when a window is outside the plane or a slice is not as long as the extents
/// say.
pub fn mean<T: Scalar>(
    planes: usize,
    size: [usize; 2],
    rows: &[Span],
    cols: &[Span],
    divisor: f64,
    x: &[T],
    y: &mut [T],
) {
    check(planes, size, rows, cols, x.len(), y.len());
    let [height, width] = size;
    if y.is_empty() {
        return;
    }
    // Windows as wide as the plane are contiguous.
    let whole = matches!(cols, [only] if only.start == 0 && only.end == width);
    let (windows, y) = (rows.len() * cols.len(), Part::new(y));
    for_range(planes, Grain::of(2 * height * width), &y, |planes| {
        let Some(mut line) = scratch::filled(T::ZERO, width) else { return };
        // SAFETY: planes are apart.
        let y = unsafe { y.slice(planes.start * windows..planes.end * windows) };
        for (plane, y) in planes.zip(y.chunks_exact_mut(windows)) {
            let x = &x[plane * height * width..][..height * width];
            for (row, y) in rows.iter().zip(y.chunks_exact_mut(cols.len())) {
                let x = &x[row.start * width..row.end * width];
                if whole {
                    y[0] = sum(x) / share(row, &cols[0], divisor);
                    continue;
                }
                add_rows(x, row.end - row.start, &mut line);
                for (col, y) in cols.iter().zip(y) {
                    *y = sum(&line[col.start..col.end]) / share(row, col, divisor);
                }
            }
        }
    });
}

/// The sum of contiguous elements.
#[inline(always)]
fn sum<T: Scalar>(x: &[T]) -> T {
    if x.len() < SHORT {
        return x.iter().fold(T::ZERO, |sum, &v| sum + v);
    }
    // SAFETY: the slice's own elements.
    unsafe { fold_row::<T, Add, Identity>(x.as_ptr(), x.as_ptr(), x.len()) }
}

/// The sums down the columns of `rows` contiguous rows.
fn add_rows<T: Scalar>(x: &[T], rows: usize, line: &mut [T]) {
    let width = line.len();
    for (c, line) in line.chunks_mut(COLUMNS).enumerate() {
        // SAFETY: the columns from c · COLUMNS on, as many as the line has, of `rows` rows `width`
        // apart.
        unsafe {
            let x = x.as_ptr().wrapping_add(c * COLUMNS);
            fold_columns::<T, Add, Identity>(x, x, rows, width, line.len(), line.as_mut_ptr());
        }
    }
}

/// Adds each element of `g`, divided as in [`mean`], to the elements of its window, in planes of
/// zeros.
///
/// **Errors**: as [`mean`].
pub fn spread<T: Scalar>(
    planes: usize,
    size: [usize; 2],
    rows: &[Span],
    cols: &[Span],
    divisor: f64,
    g: &[T],
    dx: &mut [T],
) {
    check(planes, size, rows, cols, dx.len(), g.len());
    dx.fill(T::ZERO);
    if g.is_empty() {
        return;
    }
    let (area, windows, dx) = (size[0] * size[1], rows.len() * cols.len(), Part::new(dx));
    for_range(planes, Grain::of(2 * area), &dx, |planes| {
        let Some(mut line) = scratch::filled(T::ZERO, size[1]) else { return };
        for plane in planes {
            let g = &g[plane * windows..][..windows];
            // SAFETY: planes are apart.
            let dx = unsafe { dx.slice(plane * area..(plane + 1) * area) };
            for (row, g) in rows.iter().zip(g.chunks_exact(cols.len())) {
                // What every row of these windows gets.
                line.fill(T::ZERO);
                for (col, &g) in cols.iter().zip(g) {
                    let part = g / share(row, col, divisor);
                    for v in &mut line[col.start..col.end] {
                        *v = *v + part;
                    }
                }
                for h in row.start..row.end {
                    for (to, &v) in dx[h * size[1]..][..size[1]].iter_mut().zip(&line) {
                        *to = *to + v;
                    }
                }
            }
        }
    });
}

fn share<T: Scalar>(row: &Span, col: &Span, divisor: f64) -> T {
    T::from_f64(if divisor == 0.0 { (row.size * col.size) as f64 } else { divisor })
}
