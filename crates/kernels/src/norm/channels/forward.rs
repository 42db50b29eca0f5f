//! The normalized elements.

use super::{Centre, Channels, Held, MOMENTS, centre, columns, of_channel};
use crate::exec::{Grain, Part, Shared, for_range};
use crate::reduce::moments;
use crate::scratch;
use crate::softmax::each;
use adjoint_simd::{Scalar, Vector};

/// `y = (x − mean) / √(variance + eps) · weight + bias`, and the moments that derivatives read.
///
/// **Shapes**: x and y are `[outer, channels, inner]`, weight and bias, which may be absent,
/// `[channels]`, and the moments `[MOMENTS, at.moments()]`.
///
/// **Accuracy**: mean and variance as [`crate::reduce::var_mean`] has them; little more than one
/// rounding an element.
///
/// **Errors**: panics when an array does not have the elements its shape needs. Without memory for
/// scratch the outputs are unspecified.
///
/// **Cost**: reads x from memory once; the other passes find it in cache where what shares moments
/// fits there.
#[expect(clippy::too_many_arguments, reason = "five arrays in and out, and what they are read by")]
pub fn channel_norm<T: Scalar>(
    x: &[T],
    weight: Option<&[T]>,
    bias: Option<&[T]>,
    at: Channels,
    eps: f64,
    held: Option<Held>,
    y: &mut [T],
    moments: &mut [T],
) {
    let Channels { outer, channels, inner, .. } = at;
    let fits = |x: Option<&[T]>| x.is_none_or(|x| x.len() == channels);
    assert!(
        x.len() == outer * channels * inner
            && y.len() == x.len()
            && moments.len() == MOMENTS * at.moments()
            && fits(weight)
            && fits(bias),
        "channel_norm: {at:?} does not fit the arrays"
    );
    if at.is_rows_of_channels() {
        return columns::forward(x, weight, bias, at, eps, held, y, moments);
    }
    let (stats, segments, n) = (at.moments(), at.segments(), at.count());
    let is_apart = segments > 1 && at.segment(0, 1) != 1;
    let written = (Part::new(y), Part::new(moments));
    // SAFETY: a range writes the segments of its own moments, and these.
    let pointers = unsafe { Shared::new((x.as_ptr(), written.0.as_mut_ptr(), written.1.as_mut_ptr())) };
    for_range(stats, Grain::of(8 * n), &written, |range| {
        let (x, y, moments) = pointers.get();
        let Some(mut together) = scratch::filled(T::ZERO, if is_apart { n } else { 0 }) else { return };
        for s in range {
            // SAFETY: the segments of moments `s`, of `inner` elements each, are inside x and y;
            // together they have n elements, as the scratch has.
            unsafe {
                let row = if is_apart {
                    for i in 0..segments {
                        let from = x.add(at.segment(s, i) * inner);
                        together.as_mut_ptr().add(i * inner).copy_from_nonoverlapping(from, inner);
                    }
                    together.as_ptr()
                } else {
                    x.add(at.segment(s, 0) * inner)
                };
                let centre = centre(moments::row(row, n), n, eps, held, |i| *row.add(i));
                for i in 0..segments {
                    let segment = at.segment(s, i);
                    let numbers = affine(&centre, weight, bias, segment % channels).map(T::Vector::splat);
                    let (from, to) = (row.add(i * inner), y.add(segment * inner));
                    each([from], to, inner, |[x]| scaled::<T>(x, numbers));
                }
                put(moments, stats, s, &centre);
            }
        }
    });
}

/// What [`scaled`] takes of a channel.
pub(super) fn affine<T: Scalar>(centre: &Centre, weight: Option<&[T]>, bias: Option<&[T]>, channel: usize) -> [T; 5] {
    let scale = centre.rstd * of_channel(weight, channel, 1.0);
    let add = of_channel(bias, channel, 0.0) - centre.rest * scale;
    if size_of::<T>() == 8 {
        return [centre.shift, scale, 0.0, add, 0.0].map(T::from_f64);
    }
    // Twelve bits of the scale.
    let high = f64::from_bits(scale.to_bits() & !((1 << 41) - 1));
    // 1.5 · 2²³ times a power of two that is 2⁹ times less than the deviation.
    let deviation = f64::from_bits((1.0 / centre.rstd).to_bits() & f64::INFINITY.to_bits());
    let rounder = T::from_f64(deviation * (12_582_912.0 / 512.0));
    let rounder = if rounder.abs() < T::INFINITY { rounder } else { T::ZERO };
    let [shift, high, low, add] = [centre.shift, high, scale - high, add].map(T::from_f64);
    [shift, high, low, add, rounder]
}

/// `(x − shift) · scale + add`, rounded once or little more: the product is of a part with few bits,
/// which is exact, and of small ones. PyTorch has fused multiply-adds for that.
#[inline(always)]
pub(super) fn scaled<T: Scalar>(x: T::Vector, [shift, high, low, add, rounder]: [T::Vector; 5]) -> T::Vector {
    let d = x - shift;
    if size_of::<T>() == 8 {
        return d.mul_add(high, add);
    }
    let few = (d + rounder) - rounder;
    few * high + (((d - few) * high + d * low) + add)
}

/// Writes moments number `s` of `stats`.
///
/// # Safety
/// `moments` has space for all of them, and nothing else reads or writes these.
pub(super) unsafe fn put<T: Scalar>(moments: *mut T, stats: usize, s: usize, centre: &Centre) {
    let Centre { shift, rest, rstd, mean, var } = *centre;
    for (k, v) in [shift, rest, rstd, mean, var].into_iter().enumerate() {
        // SAFETY: the caller's promise.
        unsafe { *moments.add(k * stats + s) = T::from_f64(v) };
    }
}
