//! The greatest element of each window of sequences.

use crate::exec::{Grain, Part, for_range};
use adjoint_simd::{F32x4, I32x4, M32x4, Scalar};
use std::ops::Range;

/// Windows over sequences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool1d {
    /// Sequences.
    pub sequences: usize,
    /// Elements of a sequence, fewer than 2³¹.
    pub input: usize,
    /// Windows of a sequence.
    pub output: usize,
    /// Elements of a window.
    pub kernel: usize,
    /// Steps between windows.
    pub stride: usize,
    /// How far the first window begins before the sequence.
    pub padding: usize,
    /// Steps between the elements of a window, at least 1.
    pub dilation: usize,
}

impl Pool1d {
    /// The windows that are wholly within the sequence.
    fn inside(&self) -> Range<usize> {
        if self.kernel == 0 {
            return 0..0;
        }
        let reach = (self.kernel - 1) * self.dilation + 1;
        let end = (self.input + self.padding).checked_sub(reach).map_or(0, |room| match self.stride {
            0 => self.output,
            stride => (room / stride + 1).min(self.output),
        });
        let start = if self.padding == 0 { 0 } else { self.padding.div_ceil(self.stride.max(1)) };
        if self.stride == 0 && self.padding > 0 { 0..0 } else { start.min(end)..end }
    }
}

/// Writes the greatest element of each window and where it is, as [`super::max`] does for planes.
///
/// `four`, where there is one, does four windows: the sequence from the first one's first element
/// on, the pool, where that element is, and where to write.
///
/// **Errors**: panics when a slice is not as long as the extents say.
#[inline(always)]
pub(super) fn max_in_sequences<T: Scalar>(
    pool: &Pool1d,
    x: &[T],
    y: &mut [T],
    at: &mut [i32],
    four: Option<impl Fn(&[T], &Pool1d, usize, &mut [T], &mut [i32]) + Sync>,
) {
    let Pool1d { sequences, input, output, kernel, stride, padding, dilation } = *pool;
    assert!(x.len() == sequences * input && y.len() == sequences * output && at.len() == y.len(), "pool: lengths");
    if output == 0 {
        return;
    }
    let inside = pool.inside();
    let (y, at) = (Part::new(y), Part::new(at));
    for_range(sequences, Grain::of(2 * output * kernel), &(y, at), |range| {
        let results = range.start * output..range.end * output;
        // SAFETY: sequences are apart.
        let (y, at) = unsafe { (y.slice(results.clone()), at.slice(results)) };
        for (i, (y, at)) in y.chunks_exact_mut(output).zip(at.chunks_exact_mut(output)).enumerate() {
            let x = &x[(range.start + i) * input..][..input];
            let mut j = 0;
            while j < output {
                if let Some(four) = &four
                    && inside.contains(&j)
                    && inside.len() >= 4
                {
                    // The last four end where the inside does.
                    let first = j.min(inside.end - 4);
                    let start = first * stride - padding;
                    four(&x[start..], pool, start, &mut y[first..], &mut at[first..]);
                    j = first + 4;
                    continue;
                }
                let (mut best, mut place) = (-T::INFINITY, -1);
                let start = j * stride;
                for k in 0..kernel {
                    let Some(&v) = (start + k * dilation).checked_sub(padding).and_then(|p| x.get(p)) else { continue };
                    if place < 0 || v > best || v.is_nan() {
                        (best, place) = (v, (start + k * dilation - padding) as i32);
                    }
                }
                (y[j], at[j]) = (best, place);
                j += 1;
            }
        }
    });
}

/// Four windows within a sequence; see [`max_in_sequences`].
#[inline(always)]
pub(super) fn four_windows(x: &[f32], pool: &Pool1d, start: usize, y: &mut [f32], at: &mut [i32]) {
    let Pool1d { kernel, stride, dilation, .. } = *pool;
    let tap = |k: usize| {
        let x = &x[k * dilation..][..3 * stride + 1];
        F32x4::from_array([x[0], x[stride], x[2 * stride], x[3 * stride]])
    };
    let step = |windows: usize| (start + windows * stride) as i32;
    let mut best = tap(0);
    let mut place = I32x4::splat(0);
    for k in 1..kernel {
        let v = tap(k);
        // A NaN stays unless another comes.
        let better: M32x4 = best.lt(v) | v.is_nan();
        best = F32x4::select(better, v, best);
        place = I32x4::select(better, I32x4::splat((k * dilation) as i32), place);
    }
    let first = I32x4::from_array([step(0), step(1), step(2), step(3)]);
    y[..4].copy_from_slice(&best.to_array());
    at[..4].copy_from_slice(&(first + place).to_array());
}
