//! Sums over windows divided by their sizes, and the transpose.

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

/// Writes the sum over each window of each plane, divided by `divisor`, or where that is 0 by the window's size.
///
/// **Errors**: panics when a window is outside the plane or a slice is not as long as the extents say.
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
    let mut out = y.iter_mut();
    for plane in 0..planes {
        let x = &x[plane * size[0] * size[1]..][..size[0] * size[1]];
        for row in rows {
            for col in cols {
                let mut sum = T::ZERO;
                for h in row.start..row.end {
                    for &v in &x[h * size[1]..][col.start..col.end] {
                        sum = sum + v;
                    }
                }
                if let Some(out) = out.next() {
                    *out = sum / share(row, col, divisor);
                }
            }
        }
    }
}

/// Adds each element of `g`, divided as in [`mean`], to the elements of its window, in planes of zeros.
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
    let mut g = g.iter();
    for plane in 0..planes {
        let dx = &mut dx[plane * size[0] * size[1]..][..size[0] * size[1]];
        for row in rows {
            for (col, &g) in cols.iter().zip(&mut g) {
                let part = g / share(row, col, divisor);
                for h in row.start..row.end {
                    for v in &mut dx[h * size[1]..][col.start..col.end] {
                        *v = *v + part;
                    }
                }
            }
        }
    }
}

fn share<T: Scalar>(row: &Span, col: &Span, divisor: f64) -> T {
    T::from_f64(if divisor == 0.0 { (row.size * col.size) as f64 } else { divisor })
}
