//! Derivatives.

use super::{Channels, MOMENTS, Sharing, columns, of_channel};
use crate::exec::{Grain, Part, Shared, for_range};
use crate::norm::Derivatives;
use crate::reduce::moments;
use crate::scratch;
use crate::softmax::each;
use adjoint_simd::{Scalar, Vector};

/// With `x̂ = (x − mean) · rstd` and `a = g · weight`: `dx = rstd · (a − mean(a) − x̂ · mean(a ·
/// x̂))`, `dweight = Σ g · x̂` and `dbias = Σ g`.
///
/// **Shapes**: g and x are `[outer, channels, inner]`, the moments as [`super::channel_norm`] wrote
/// them, the weight, which may be absent, `[channels]`, as the derivatives by weight and bias are.
///
/// **Accuracy**: sums are made pairwise and joined in f64; an element of `dx` is four roundings of
/// numbers of its size.
///
/// **Errors**: panics when an array does not have the elements its shape needs. Without memory for
/// scratch the outputs are unspecified.
///
/// **Cost**: reads g and x twice, the second time from a cache where what shares moments fits there.
pub fn channel_norm_backward<T: Scalar>(
    g: &[T],
    x: &[T],
    moments: &[T],
    weight: Option<&[T]>,
    at: Channels,
    out: Derivatives<'_, T>,
) {
    let Channels { outer, channels, inner, .. } = at;
    let of_each = |len: Option<usize>| len.is_none_or(|len| len == channels);
    assert!(
        g.len() == outer * channels * inner
            && x.len() == g.len()
            && moments.len() == MOMENTS * at.moments()
            && of_each(weight.map(<[T]>::len))
            && out.x.as_ref().is_none_or(|dx| dx.len() == x.len())
            && of_each(out.weight.as_ref().map(|v| v.len()))
            && of_each(out.bias.as_ref().map(|v| v.len())),
        "channel_norm_backward: {at:?} does not fit the arrays"
    );
    let Derivatives { x: dx, weight: dw, bias: db } = out;
    let saved = Saved::of(moments, at.moments());
    // The sums of each segment, or where channels are elements of a row of each channel.
    let by_columns = at.is_rows_of_channels();
    let parts = if by_columns { channels } else { outer * channels };
    let Some(mut sums) = scratch::filled([0.0; 2], parts) else { return };
    if by_columns {
        columns::sums(g, x, saved.shift, &mut sums);
        if let Some(dx) = dx {
            columns::by_x(g, x, &saved, weight, &sums, at, dx);
        }
    } else {
        let (segments, n) = (at.segments(), at.count());
        let written = (Part::new(&mut sums), dx.map(Part::new));
        let to = written.1.as_ref().map_or(core::ptr::null_mut(), Part::as_mut_ptr);
        // SAFETY: a range writes the segments of its own moments, and their sums.
        let pointers = unsafe { Shared::new((g.as_ptr(), x.as_ptr(), written.0.as_mut_ptr(), to)) };
        for_range(at.moments(), Grain::of(8 * n), &written, |range| {
            let (g, x, sums, dx) = pointers.get();
            for s in range {
                let (shift, rest, rstd) = saved.at(s);
                // A weight that all share is multiplied with at the end.
                let alike = at.sharing == Sharing::Batch;
                let within = |segment: usize| if alike { 1.0 } else { of_channel(weight, segment % at.channels, 1.0) };
                let (mut total, mut dot) = (0.0, 0.0);
                // SAFETY: the segments of moments `s`, of `inner` elements each, are inside g, x
                // and, where it is wanted, dx; sums has two numbers for each.
                unsafe {
                    for i in 0..segments {
                        let segment = at.segment(s, i);
                        let from = segment * inner;
                        let [sum, product] = moments::sum_and_dot(g.add(from), x.add(from), shift, inner);
                        *sums.add(segment) = [sum, product];
                        total += within(segment) * sum;
                        dot += within(segment) * (product - rest * sum);
                    }
                    if dx.is_null() {
                        continue;
                    }
                    let [by_x, add] = slopes(total, dot, rest, rstd, n);
                    let shift = T::Vector::splat(shift);
                    let splat = |v: f64| T::Vector::splat(T::from_f64(v));
                    for i in 0..segments {
                        let segment = at.segment(s, i);
                        let from = segment * inner;
                        let (g, x, dx) = (g.add(from), x.add(from), dx.add(from));
                        let scale = rstd * of_channel(weight, segment % at.channels, 1.0);
                        if alike {
                            let [by_x, add, scale] = [by_x, add, scale].map(splat);
                            each([g, x], dx, inner, |[g, x]| (x - shift).mul_add(by_x, g + add) * scale);
                        } else {
                            // In two parts: what the rounding of the scale costs is seen.
                            let low = scale - T::from_f64(scale).to_f64();
                            let [by_x, add, high, low] = [by_x * rstd, add * rstd, scale, low].map(splat);
                            each([g, x], dx, inner, |[g, x]| g * high + ((x - shift).mul_add(by_x, g * low) + add));
                        }
                    }
                }
            }
        });
    }
    let of_channel = |c: usize, of: &dyn Fn(usize, [f64; 2]) -> f64| {
        T::from_f64((c..parts).step_by(channels).map(|i| of(at.moments_of(i), sums[i])).sum())
    };
    for (c, dw) in dw.into_iter().flatten().enumerate() {
        *dw = of_channel(c, &|s, [sum, product]| {
            let (_, rest, rstd) = saved.at(s);
            rstd * (product - rest * sum)
        });
    }
    for (c, db) in db.into_iter().flatten().enumerate() {
        *db = of_channel(c, &|_, [sum, _]| sum);
    }
}

/// The moments that were saved.
pub(super) struct Saved<'a, T> {
    pub(super) shift: &'a [T],
    rest: &'a [T],
    rstd: &'a [T],
}

impl<'a, T: Scalar> Saved<'a, T> {
    fn of(moments: &'a [T], stats: usize) -> Self {
        let row = |k: usize| &moments[k * stats..(k + 1) * stats];
        Saved { shift: row(0), rest: row(1), rstd: row(2) }
    }

    /// Shift, rest of the mean, and reciprocal of the standard deviation.
    pub(super) fn at(&self, s: usize) -> (T, f64, f64) {
        (self.shift[s], self.rest[s].to_f64(), self.rstd[s].to_f64())
    }
}

/// What the distance from the shift is multiplied with, and what is added to the gradient, from the
/// sum of `n` gradients and of their products with distances from the mean.
pub(super) fn slopes(sum: f64, dot: f64, rest: f64, rstd: f64, n: usize) -> [f64; 2] {
    let by_x = -rstd * rstd * dot / n as f64;
    [by_x, -sum / n as f64 - rest * by_x]
}
