//! Volumes as sums of their patches (col2im), each addition rounded: what PyTorch's CPU kernels make
//! of products in half precision, and what cannot be told from a sum that is rounded once.

use crate::exec::{Grain, Part, for_range};
use std::ops::Range;

/// One axis of a convolution: place `i` of the result meets the kernel's place `p` at
/// `i · stride + p · dilation − padding` of the input.
#[derive(Clone, Copy, Debug)]
pub struct Along {
    /// Places of the input.
    pub size: usize,
    /// Places of the kernel.
    pub kernel: usize,
    /// Places of the result.
    pub output: usize,
    /// Steps between results, at least 1.
    pub stride: usize,
    /// Places before the input that read as 0.
    pub padding: usize,
    /// Steps between the kernel's places, at least 1.
    pub dilation: usize,
}

impl Along {
    /// An axis of one place.
    pub const POINT: Along = Along { size: 1, kernel: 1, output: 1, stride: 1, padding: 0, dilation: 1 };

    /// The results that meet place `p` of the kernel inside of the input, and where the first of
    /// them does.
    fn inside(self, p: usize) -> (Range<usize>, usize) {
        let at = p * self.dilation;
        let first = self.padding.saturating_sub(at).div_ceil(self.stride).min(self.output);
        let end = (self.size + self.padding).saturating_sub(at).div_ceil(self.stride).min(self.output);
        (first..end.max(first), (first * self.stride + at).saturating_sub(self.padding))
    }
}

/// Adds up `columns: [images, …kernel, …output]` into `out: [images, …size]`, in the order of the
/// kernel's places, each sum as `add` gives it.
///
/// **Cost**: one addition an element of the columns.
///
/// **Errors**: panics when a slice does not have the elements the axes say.
pub fn add_columns<T: Copy + Send + Sync>(
    columns: &[T],
    axes: [Along; 3],
    zero: T,
    out: &mut [T],
    add: impl Fn(T, T) -> T + Sync,
) {
    let each = |of: fn(&Along) -> usize| axes.iter().map(of).product::<usize>();
    let (size, places, taps) = (each(|axis| axis.size), each(|axis| axis.output), each(|axis| axis.kernel));
    let images = out.len().checked_div(size).unwrap_or(0);
    assert!(
        out.len() == images * size && columns.len() == images * taps * places,
        "add_columns: {images} images of {axes:?} do not fit the slices"
    );
    let [depth, rows, cols] = axes;
    let written = Part::new(out);
    for_range(images, Grain::of(taps * places), &written, |range| {
        for image in range {
            // SAFETY: each image is written by its own piece.
            let out = unsafe { written.slice(image * size..(image + 1) * size) };
            out.fill(zero);
            let mut from = image * taps * places;
            for p in 0..depth.kernel {
                for q in 0..rows.kernel {
                    for r in 0..cols.kernel {
                        let (planes, plane) = depth.inside(p);
                        let (lines, line) = rows.inside(q);
                        let (along, first) = cols.inside(r);
                        for (z, i) in planes.enumerate() {
                            for (y, j) in lines.clone().enumerate() {
                                let to = ((plane + z * depth.stride) * rows.size + line + y * rows.stride) * cols.size;
                                let at = from + (i * rows.output + j) * cols.output;
                                let terms = &columns[at + along.start..at + along.end];
                                if terms.is_empty() {
                                    continue;
                                }
                                let sums = &mut out[to + first..to + cols.size];
                                if cols.stride == 1 {
                                    sums.iter_mut().zip(terms).for_each(|(sum, &term)| *sum = add(*sum, term));
                                } else {
                                    let sums = sums.iter_mut().step_by(cols.stride);
                                    sums.zip(terms).for_each(|(sum, &term)| *sum = add(*sum, term));
                                }
                            }
                        }
                        from += places;
                    }
                }
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_added_in_the_order_of_the_kernel() {
        let axis = Along { size: 4, kernel: 3, output: 2, stride: 2, padding: 1, dilation: 1 };
        // Kernel place 0 meets −1 and 1, place 1 meets 0 and 2, place 2 meets 1 and 3.
        let columns = [1, 2, 3, 4, 5, 6];
        let mut out = [9; 4];
        add_columns(&columns, [Along::POINT, Along::POINT, axis], 0, &mut out, |sum, term| 10 * sum + term);
        assert_eq!(out, [3, 25, 4, 6]);
    }

    #[test]
    fn padding_beyond_the_kernel_leaves_zeros() {
        let axis = Along { size: 2, kernel: 2, output: 1, stride: 3, padding: 2, dilation: 1 };
        let mut out = [9; 2];
        add_columns(&[5, 7], [axis, Along::POINT, Along::POINT], 0, &mut out, |sum, term| sum + term);
        assert_eq!(out, [0, 0]);
    }
}
