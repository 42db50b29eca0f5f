//! The gradient of the weight: sums over output pixels, which are along vectors.

use super::axis::Axis;
use super::image;
use super::tile::{Operands, inner};
use super::{BLOCK, Conv2d, taps};
use crate::exec::{Grain, Part, Shared, Span, for_range};
use crate::gemm::with_scratch;
use crate::scratch;
use adjoint_simd::{Scalar, Vector};

/// Elements of images and gradients in work at once: half a megabyte of f32 stays in a second-level
/// cache.
const WORKING_SET: usize = 1 << 17;

/// The vectors that cover a row of `cols` outputs: where the first lane is, and how many lanes are
/// new. The last ends where the row does.
fn vectors(cols: usize, lanes: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..cols).step_by(lanes).map(move |j| (j.min(cols.saturating_sub(lanes)), lanes.min(cols - j)))
}

/// Computes `dw` with tiles of `R` filters and `V` weights.
pub(super) fn run<T: Scalar, const R: usize, const V: usize>(c: &Conv2d, g: &[T], x: &[T], dw: &mut [T]) {
    dw.fill(T::ZERO);
    let (channels, filters) = c.per_group();
    let weights = channels * c.kernel[0] * c.kernel[1];
    let [out_rows, out_cols] = c.output;
    let (plane, out_plane) = (c.input[0] * c.input[1], out_rows * out_cols);
    if c.batch * filters * weights * out_plane == 0 {
        return;
    }
    let axis = |i: usize, unit: usize| {
        Axis::new(&taps(c.kernel[i], c.dilation[i], c.padding[i]), c.stride[i], c.output[i], unit, c.input[i])
    };
    let (rows, cols) = (axis(0, 1), axis(1, T::LANES));
    let pitch = cols.size();
    let size = channels * rows.size() * pitch;
    let steps = out_rows * out_cols.div_ceil(T::LANES);
    let tall = filters.next_multiple_of(R);
    let each = size + tall * steps * T::LANES;
    let images = (WORKING_SET / each).clamp(1, c.batch);
    // Where each weight's pixels begin, and how far from there each vector of pixels is.
    let (Some(mut begins), Some(mut offsets)) = (scratch::with_room(weights), scratch::with_room(images * steps))
    else {
        return;
    };
    for ch in 0..channels {
        for row in &rows.taps {
            #[allow(clippy::disallowed_methods, reason = "the capacity was reserved")]
            begins.extend(cols.taps.iter().map(|col| (ch * rows.size() + row) * pitch + col));
        }
    }
    for n in 0..images {
        for i in 0..out_rows {
            let at = n * size + i * pitch;
            #[allow(clippy::disallowed_methods, reason = "the capacity was reserved")]
            offsets.extend(vectors(out_cols, T::LANES).map(|(j, _)| ((at + j) * size_of::<T>()) as isize));
        }
    }
    let written = Part::new(dw);
    let pixels = c.batch * steps * T::LANES;
    // Groups are independent, and in each of them filters: a weight's sum runs over all images.
    for_range(c.groups, Grain::of_multiply_adds(filters * weights * pixels), &written, |groups| {
        with_scratch(images * each, |scratch: *mut T| {
            let panels = scratch.wrapping_add(images * size);
            for group in groups.clone() {
                for n0 in (0..c.batch).step_by(images) {
                    let count = images.min(c.batch - n0);
                    // SAFETY: what is copied is written by the range that it is of, and read when
                    // all is.
                    let shared = unsafe { Shared::new((scratch, panels)) };
                    let copies =
                        Span { ptr: scratch.cast(), size: size_of::<T>(), shape: &[count * size], strides: &[1] };
                    for_range(count, Grain::of(size), &copies, |range| {
                        let (scratch, _) = shared.get();
                        for n in range {
                            let source = &x[((n0 + n) * c.channels + group * channels) * plane..][..channels * plane];
                            // SAFETY: the source is as large as its planes; the scratch has space
                            // for `images` copies.
                            unsafe {
                                let to = scratch.add(n * size);
                                image::copy(source.as_ptr(), channels, plane, c.input[1], &rows, &cols, to);
                            }
                        }
                    });
                    let total = count * steps;
                    let cost = weights * total * T::LANES;
                    let grain = Grain::of_multiply_adds(R * cost);
                    for_range(filters.div_ceil(R), grain, &written, |tiles| {
                        let (scratch, panels) = shared.get();
                        let from = tiles.start * R;
                        let to = filters.min(tiles.end * R);
                        for f in (from..to).step_by(R) {
                            let image = |n: usize| {
                                &g[((n0 + n) * c.filters + group * filters) * out_plane..][..filters * out_plane]
                            };
                            let panel = panels.wrapping_add(f * total * T::LANES);
                            // SAFETY: the panels have space for `tall` filters and `images` images.
                            unsafe { pack::<T, R>(image, count, f, filters, [out_rows, out_cols], panel) };
                        }
                        let first = group * filters;
                        // SAFETY: groups are apart, and filters.
                        let dw = unsafe { written.slice((first + from) * weights..(first + to) * weights) };
                        for start in (0..total).step_by(BLOCK) {
                            let steps = BLOCK.min(total - start);
                            for f in (from..to).step_by(R) {
                                let panel =
                                    panels.wrapping_add(f * total * T::LANES + start * R * T::LANES).cast_const();
                                for t in (0..weights).step_by(V) {
                                    let bases = core::array::from_fn(|j| {
                                        scratch.wrapping_add(begins[(t + j).min(weights - 1)]).cast_const()
                                    });
                                    let mut sums = [[T::ZERO; V]; R];
                                    let operands = Operands { panel, steps, offsets: offsets[start..].as_ptr(), bases };
                                    // SAFETY: the panel holds these steps; each offset added to a
                                    // weight's beginning is a vector of its image.
                                    unsafe { inner(&operands, &mut sums) };
                                    for (i, row) in sums.iter().enumerate().take(to - f) {
                                        for (j, &sum) in row.iter().enumerate().take(weights - t) {
                                            let at = &mut dw[(f - from + i) * weights + t + j];
                                            *at = *at + sum;
                                        }
                                    }
                                }
                            }
                        }
                    });
                }
            }
        });
    });
}

/// Copies gradients of the `R` filters from `f` on into a panel: for each image, row and vector of
/// pixels a vector a filter; zeros in lanes an earlier vector holds, and for filters that there are
/// not.
///
/// # Safety
/// `out` has space for the panel.
unsafe fn pack<'a, T: Scalar, const R: usize>(
    image: impl Fn(usize) -> &'a [T],
    images: usize,
    f: usize,
    filters: usize,
    [rows, cols]: [usize; 2],
    out: *mut T,
) {
    let zero = T::Vector::splat(T::ZERO);
    let mut to = out;
    for n in 0..images {
        let g = image(n);
        for i in 0..rows {
            for (j, new) in vectors(cols, T::LANES) {
                for r in f..f + R {
                    // SAFETY: a vector that begins at j ends inside the row, or the row is shorter
                    // and read in part.
                    unsafe {
                        let vector = if r >= filters {
                            zero
                        } else {
                            let p = g[(r * rows + i) * cols + j..].as_ptr();
                            match (new == T::LANES, cols >= T::LANES) {
                                (true, _) => T::Vector::load(p),
                                (false, true) => T::Vector::load(p).keep_last(new, zero),
                                (false, false) => T::Vector::load_partial(p, new, T::ZERO),
                            }
                        };
                        vector.store(to);
                        to = to.add(T::LANES);
                    }
                }
            }
        }
    }
}
