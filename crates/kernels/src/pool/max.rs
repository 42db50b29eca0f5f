//! The greatest element of each window, and moving elements to and from the indices it was found
//! at.

use super::lanes::max_lanes;
use crate::exec::{Grain, Part, for_range};
use adjoint_simd::{F32x4, I32x4, M32x4, Scalar};

/// Windows over planes; pairs are (rows, columns).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool2d {
    /// Planes.
    pub planes: usize,
    /// Size of a plane, fewer than 2³¹ elements.
    pub input: [usize; 2],
    /// Windows along each axis.
    pub output: [usize; 2],
    /// Elements of a window along each axis.
    pub kernel: [usize; 2],
    /// Steps between windows.
    pub stride: [usize; 2],
    /// How far the first window begins before the plane.
    pub padding: [usize; 2],
    /// Steps between the elements of a window, at least 1.
    pub dilation: [usize; 2],
}

impl Pool2d {
    pub(super) fn areas(&self) -> (usize, usize) {
        (self.input[0] * self.input[1], self.output[0] * self.output[1])
    }

    /// The elements of window `i` along an axis that exist: first, end, step.
    pub(super) fn window(&self, axis: usize, i: usize) -> std::iter::StepBy<std::ops::Range<usize>> {
        let (start, step) = (i * self.stride[axis], self.dilation[axis]);
        // The first element not before the plane.
        let skipped = self.padding[axis].saturating_sub(start).div_ceil(step);
        let first = start + skipped * step;
        let count = self.kernel[axis].saturating_sub(skipped);
        let first = first.wrapping_sub(self.padding[axis]);
        let end = if count == 0 { first } else { (first + (count - 1) * step + 1).min(self.input[axis]) };
        (first..end.max(first)).step_by(step)
    }
}

/// Writes the greatest element of each window, NaN if it holds one, and where in its plane that is:
/// the first of equals, the last of NaNs; −1 for a window without elements, whose value is −∞.
///
/// **Errors**: panics when a slice is not as long as the extents say.
pub fn max<T: Scalar>(pool: &Pool2d, x: &[T], y: &mut [T], at: &mut [i32]) {
    let (area, windows) = pool.areas();
    assert!(x.len() == pool.planes * area && y.len() == pool.planes * windows && at.len() == y.len(), "pool: lengths");
    if windows == 0 {
        return;
    }
    let (y, at) = (Part::new(y), Part::new(at));
    let cost = 2 * windows * pool.kernel[0] * pool.kernel[1];
    for_range(pool.planes, Grain::of(cost), &(y, at), |planes| {
        let results = planes.start * windows..planes.end * windows;
        // SAFETY: planes are apart.
        let (y, at) = unsafe { (y.slice(results.clone()), at.slice(results)) };
        let mut out = 0;
        for plane in planes {
            let x = &x[plane * area..][..area];
            for i in 0..pool.output[0] {
                for j in 0..pool.output[1] {
                    (y[out], at[out]) = greatest(pool, x, i, j);
                    out += 1;
                }
            }
        }
    });
}

/// The greatest element of window (i, j) of a plane, and where it is.
#[inline(always)]
pub(super) fn greatest<T: Scalar>(pool: &Pool2d, x: &[T], i: usize, j: usize) -> (T, i32) {
    let (mut best, mut place) = (-T::INFINITY, -1);
    for h in pool.window(0, i) {
        for w in pool.window(1, j) {
            let v = x[h * pool.input[1] + w];
            if place < 0 || v > best || v.is_nan() {
                (best, place) = (v, (h * pool.input[1] + w) as i32);
            }
        }
    }
    (best, place)
}

/// As [`max`], with vectors: those of the most common windows, two by two side by side, are loops
/// of their own.
pub fn max_f32(pool: &Pool2d, x: &[f32], y: &mut [f32], at: &mut [i32]) {
    let usual = pool.kernel == [2, 2] && pool.stride == [2, 2] && pool.padding == [0, 0] && pool.dilation == [1, 1];
    let fits = (0..2).all(|i| 2 * pool.output[i] <= pool.input[i]);
    if !(usual && fits && pool.output[1] >= 4) {
        return max_lanes(pool, x, y, at);
    }
    let (area, windows) = pool.areas();
    assert!(x.len() == pool.planes * area && y.len() == pool.planes * windows && at.len() == y.len(), "pool: lengths");
    let [_, width] = pool.input;
    let [rows, cols] = pool.output;
    let (y, at) = (Part::new(y), Part::new(at));
    for_range(pool.planes, Grain::of(2 * windows), &(y, at), |planes| {
        let results = planes.start * windows..planes.end * windows;
        // SAFETY: planes are apart.
        let (y, at) = unsafe { (y.slice(results.clone()), at.slice(results)) };
        let x = &x[planes.start * area..planes.end * area];
        for plane in 0..planes.len() {
            for i in 0..rows {
                let top = &x[plane * area + 2 * i * width..][..2 * width];
                let out = plane * windows + i * cols;
                let (y, at) = (&mut y[out..][..cols], &mut at[out..][..cols]);
                for j in (0..cols).step_by(4) {
                    // The last vector ends where the row does.
                    let j = j.min(cols - 4);
                    two_by_two(&top[2 * j..], width, (2 * i * width + 2 * j) as i32, &mut y[j..], &mut at[j..]);
                }
            }
        }
    });
}

/// Four windows: `x` begins with their upper rows, `width` elements before the lower ones; `first`
/// is the index of its first element.
#[inline(always)]
fn two_by_two(x: &[f32], width: usize, first: i32, y: &mut [f32], at: &mut [i32]) {
    let columns = |row: &[f32]| {
        let row: &[f32; 8] = row[..8].try_into().expect("eight elements");
        let [a, b, c, d, e, f, g, h] = *row;
        (F32x4::from_array([a, c, e, g]), F32x4::from_array([b, d, f, h]))
    };
    let (a, b) = columns(x);
    let (c, d) = columns(&x[width..]);
    let w = width as i32;
    let place = I32x4::from_array([first, first + 2, first + 4, first + 6]);
    let mut best = a;
    let mut step = I32x4::splat(0);
    for (v, offset) in [(b, 1), (c, w), (d, w + 1)] {
        // Not at most the best: greater, or one of them is a NaN. A NaN stays unless another comes.
        let better: M32x4 = best.lt(v) | v.is_nan();
        best = F32x4::select(better, v, best);
        step = I32x4::select(better, I32x4::splat(offset), step);
    }
    y[..4].copy_from_slice(&best.to_array());
    at[..4].copy_from_slice(&(place + step).to_array());
}

/// Adds each `g` at its index in a plane of zeros: the transpose of [`gather`].
///
/// **Errors**: panics when lengths do not fit.
pub fn scatter<T: Scalar>(planes: usize, g: &[T], at: &[i32], out: &mut [T]) {
    assert_eq!(g.len(), at.len(), "pool: lengths");
    out.fill(T::ZERO);
    if g.is_empty() || out.is_empty() {
        return;
    }
    let (area, windows) = (out.len() / planes, g.len() / planes);
    let out = Part::new(&mut out[..planes * area]);
    for_range(planes, Grain::of(2 * windows), &out, |planes| {
        let from = planes.start * windows..planes.end * windows;
        let given = g[from.clone()].chunks_exact(windows).zip(at[from].chunks_exact(windows));
        // SAFETY: planes are apart.
        let out = unsafe { out.slice(planes.start * area..planes.end * area) };
        for (out, (g, at)) in out.chunks_exact_mut(area).zip(given) {
            for (&g, &at) in g.iter().zip(at) {
                if let Some(out) = out.get_mut(at as usize) {
                    *out = *out + g;
                }
            }
        }
    });
}

/// The element at each index of a plane; 0 for −1.
///
/// **Errors**: panics when lengths do not fit.
pub fn gather<T: Scalar>(planes: usize, x: &[T], at: &[i32], out: &mut [T]) {
    assert_eq!(out.len(), at.len(), "pool: lengths");
    out.fill(T::ZERO);
    if out.is_empty() || x.is_empty() {
        return;
    }
    let (area, windows) = (x.len() / planes, out.len() / planes);
    let out = Part::new(&mut out[..planes * windows]);
    for_range(planes, Grain::of(windows), &out, |planes| {
        let results = planes.start * windows..planes.end * windows;
        // SAFETY: planes are apart.
        let out = unsafe { out.slice(results.clone()) };
        let planes = x[planes.start * area..planes.end * area].chunks_exact(area);
        for (x, (out, at)) in planes.zip(out.chunks_exact_mut(windows).zip(at[results].chunks_exact(windows))) {
            for (out, &at) in out.iter_mut().zip(at) {
                *out = x.get(at as usize).copied().unwrap_or(T::ZERO);
            }
        }
    });
}
