//! The greatest element of each window, four neighbouring windows at a time.

use super::max::{Pool2d, greatest};
use crate::exec::{Grain, Part, for_range};
use adjoint_simd::{F32x4, I32x4};
use std::iter::StepBy;
use std::ops::Range;

/// As [`super::max`], for any windows: vectors where all columns of four neighbours exist, one
/// window at a time at the edges.
#[inline(never)]
pub fn max_lanes(pool: &Pool2d, x: &[f32], y: &mut [f32], at: &mut [i32]) {
    let (area, windows) = pool.areas();
    assert!(x.len() == pool.planes * area && y.len() == pool.planes * windows && at.len() == y.len(), "pool: lengths");
    if windows == 0 {
        return;
    }
    let cols = pool.output[1];
    let inner = inner_columns(pool);
    let (y, at) = (Part::new(y), Part::new(at));
    let cost = 2 * windows * pool.kernel[0] * pool.kernel[1];
    for_range(pool.planes, Grain::of(cost), &(y, at), |planes| {
        let results = planes.start * windows..planes.end * windows;
        // SAFETY: planes are apart.
        let (y, at) = unsafe { (y.slice(results.clone()), at.slice(results)) };
        for (index, plane) in planes.enumerate() {
            let x = &x[plane * area..][..area];
            for i in 0..pool.output[0] {
                let out = index * windows + i * cols;
                let (y, at) = (&mut y[out..][..cols], &mut at[out..][..cols]);
                for j in (0..inner.start).chain(inner.end..cols) {
                    (y[j], at[j]) = greatest(pool, x, i, j);
                }
                if inner.is_empty() {
                    continue;
                }
                let row = Row { pool, x, rows: pool.window(0, i), inner: inner.clone() };
                match pool.stride[1] {
                    1 => row.write::<1>(y, at),
                    2 => row.write::<2>(y, at),
                    _ => row.write::<0>(y, at),
                }
            }
        }
    });
}

/// The windows along a row whose columns all exist; none where there are not four.
fn inner_columns(pool: &Pool2d) -> Range<usize> {
    let reach = pool.kernel[1].saturating_sub(1) * pool.dilation[1];
    let start = pool.padding[1].div_ceil(pool.stride[1]);
    // Window j ends at j · stride − padding + reach, which is below the width.
    let end = match (pool.input[1] + pool.padding[1]).checked_sub(reach + 1) {
        Some(last) if pool.kernel[1] > 0 => (last / pool.stride[1] + 1).min(pool.output[1]),
        _ => 0,
    };
    if end >= start + 4 { start..end } else { 0..0 }
}

/// The windows of one row of results whose columns all exist.
struct Row<'a> {
    pool: &'a Pool2d,
    x: &'a [f32],
    /// The rows of the plane that the windows have.
    rows: StepBy<Range<usize>>,
    /// At least four.
    inner: Range<usize>,
}

impl Row<'_> {
    /// Writes their results, with a stride known when compiled, or 0 for any.
    #[inline(always)]
    fn write<const STRIDE: usize>(&self, y: &mut [f32], at: &mut [i32]) {
        let mut j = self.inner.start;
        while j < self.inner.end {
            // The last vector ends where the inner columns do.
            j = j.min(self.inner.end - 4);
            let (best, place) = self.four::<STRIDE>(j);
            y[j..j + 4].copy_from_slice(&best.to_array());
            at[j..j + 4].copy_from_slice(&place.to_array());
            j += 4;
        }
    }

    /// Windows `j` to `j + 3`.
    #[inline(always)]
    fn four<const STRIDE: usize>(&self, j: usize) -> (F32x4, I32x4) {
        let pool = self.pool;
        let stride = if STRIDE == 0 { pool.stride[1] } else { STRIDE };
        let lanes = I32x4::from_array([0, 1, 2, 3].map(|lane| (lane * stride) as i32));
        let first = j * stride - pool.padding[1];
        let Some(top) = self.rows.clone().next() else {
            return (F32x4::splat(f32::NEG_INFINITY), I32x4::splat(-1));
        };
        let start = top * pool.input[1] + first;
        let (mut best, mut at) = (neighbours::<STRIDE>(&self.x[start..], stride), I32x4::splat(start as i32));
        for h in self.rows.clone() {
            let mut start = h * pool.input[1] + first;
            for _ in 0..pool.kernel[1] {
                let v = neighbours::<STRIDE>(&self.x[start..], stride);
                // Greater, or a NaN: one that was found stays unless another comes.
                let better = best.lt(v) | v.is_nan();
                best = F32x4::select(better, v, best);
                at = I32x4::select(better, I32x4::splat(start as i32), at);
                start += pool.dilation[1];
            }
        }
        (best, at + lanes)
    }
}

/// The elements at 0, `stride`, 2 · `stride` and 3 · `stride`.
#[inline(always)]
fn neighbours<const STRIDE: usize>(x: &[f32], stride: usize) -> F32x4 {
    match (STRIDE, x) {
        (1, &[a, b, c, d, ..]) => F32x4::from_array([a, b, c, d]),
        (2, &[a, b, c, d, e, f, g, h, ..]) => {
            // The compiler makes one shuffle of these.
            let (low, high) = (F32x4::from_array([a, b, c, d]), F32x4::from_array([e, f, g, h]));
            F32x4::interleave_lo(F32x4::interleave_lo(low, high), F32x4::interleave_hi(low, high))
        }
        _ => {
            let x = &x[..3 * stride + 1];
            F32x4::from_array([x[0], x[stride], x[2 * stride], x[3 * stride]])
        }
    }
}
