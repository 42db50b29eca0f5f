//! Convolution of images and its two derivatives, without a matrix of patches in memory.
//!
//! # How it is computed
//!
//! The three sums all end in one micro-kernel ([`tile`]): a few rows of one operand against a few
//! vectors of the other, in registers, one term an iteration. The usual way there copies every
//! patch of the image into panels, each pixel once for every weight that meets it. Here the image
//! is copied *once*, row by row, so that the pixels which neighbouring outputs need for one weight
//! are side by side whatever the stride ([`axis`]), and a table says how far each weight's pixels
//! are from an output's first: a tile reads the image through the table.
//!
//! - **Output and gradient of the input** are both a [`correlate::Correlation`]: outputs along
//!   vectors, weights splat. The gradient of the input is one for each remainder of its rows and
//!   columns by the stride, with the weights that reach them; no zeros are inserted. Rows of
//!   weights that fall on padding are left out of the sum instead of being multiplied by zeros.
//! - **Gradient of the weight** ([`weight`]): output pixels along vectors, which are summed at the
//!   end of a tile.
//! - One filter a group (depthwise) takes a tile of one row and four vectors instead of four rows
//!   and two.
//!
//! # Numbers
//!
//! Each element is a sum of products in blocks of at most [`BLOCK`] terms, fused where the target
//! has it; its error is at most `k · ε · Σ|a·b|`. A NaN or infinity reaches the elements whose sum
//! holds it and no others, except that in the gradient of the weight an infinite pixel may become a
//! NaN.
//!
//! Figures and what was rejected: `docs/decisions/0010-convolution.md`.

mod axis;
mod columns;
mod compiled;
mod correlate;
mod image;
mod tile;
mod weight;

pub use columns::{Along, add_columns};
pub use compiled::Convolve;

use crate::scratch;
use adjoint_simd::Scalar;
use correlate::{Correlation, Dest, Weights};

/// Terms of a sum between two visits of the result.
const BLOCK: usize = 256;

/// Elements of a copy of an image, at most.
const ROOM: u128 = 1 << 27;

/// The extents of a convolution: `y[n, f, i, j] = Σ x[n, c, i·stride − padding + p·dilation, …] ·
/// w[f, c, p, q]`, with zeros outside the image.
///
/// Pairs are (rows, columns). `padding` is that before the first row and column; what is behind the
/// last follows from `output`. Channels and filters are counted over all groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv2d {
    /// Images.
    pub batch: usize,
    /// Channels of an image; a multiple of `groups`.
    pub channels: usize,
    /// Filters, the channels of the result; a multiple of `groups`.
    pub filters: usize,
    /// Parts into which channels and filters are split; filters see the channels of their own part.
    pub groups: usize,
    /// Size of an image.
    pub input: [usize; 2],
    /// Size of a filter.
    pub kernel: [usize; 2],
    /// Size of a result.
    pub output: [usize; 2],
    /// Steps between results, at least 1.
    pub stride: [usize; 2],
    /// Zeros before the first row and column.
    pub padding: [usize; 2],
    /// Steps between weights, at least 1.
    pub dilation: [usize; 2],
}

impl Conv2d {
    /// Elements of x, w and y.
    fn lens(&self) -> [usize; 3] {
        let area = |[a, b]: [usize; 2]| a * b;
        [
            self.batch * self.channels * area(self.input),
            self.filters * (self.channels / self.groups) * area(self.kernel),
            self.batch * self.filters * area(self.output),
        ]
    }

    /// Whether what the three sums write on the way (see [`forward`]) stays below [`ROOM`] elements
    /// each. Padding can be larger than all tensors together, and these are products of sizes that
    /// memory does not bound, so callers ask first.
    pub fn fits(&self) -> bool {
        if self.groups == 0 {
            return true;
        }
        let sizes = |v: [usize; 2]| v.map(|v| v as u128);
        let (input, kernel, output) = (sizes(self.input), sizes(self.kernel), sizes(self.output));
        let (stride, dilation) = (sizes(self.stride), sizes(self.dilation));
        let (channels, filters) = ((self.channels / self.groups) as u128, (self.filters / self.groups) as u128 + 3);
        // An axis of the copy: the span of the source it holds, or a segment for each weight (see
        // `axis`).
        let span = |i: usize, count: u128, step: u128| {
            ((count + 4) * step + kernel[i] * dilation[i]).min(kernel[i].max(1) * (count + 3))
        };
        let across = |i: usize| span(i, output[i], stride[i]);
        let forward = channels * input[0] * across(1);
        let weight = channels * across(0) * across(1) + filters * output[0] * (output[1] + 3);
        let back = filters * output[0] * span(1, input[1], 1);
        forward.max(weight).max(back) <= ROOM
    }

    fn check(&self, lens: [usize; 3]) {
        assert!(
            self.groups > 0 && self.channels.is_multiple_of(self.groups) && self.filters.is_multiple_of(self.groups),
            "conv: groups"
        );
        assert!(self.stride.iter().chain(&self.dilation).all(|&s| s > 0), "conv: a stride or dilation of 0");
        assert_eq!(self.lens(), lens, "conv: elements of x, w, y for {self:?}");
    }

    /// The same sums with rows and columns run together where each output pixel sees one input
    /// pixel, its own.
    fn flattened(self) -> Self {
        let own = self.kernel == [1, 1] && self.stride == [1, 1] && self.padding == [0, 0] && self.input == self.output;
        let line = [1, self.input[0] * self.input[1]];
        if own { Self { input: line, output: line, ..self } } else { self }
    }

    fn per_group(&self) -> (usize, usize) {
        (self.channels / self.groups, self.filters / self.groups)
    }
}

/// Whether there is memory for the lists that say where along the axes weights, rows and vectors
/// are. They are many and short, so it is asked for all of them at once; those of filters and
/// images of the usual sizes are left to the blocks that the allocator sets aside.
fn has_room(c: &Conv2d) -> bool {
    /// Bytes of the lists for a weight or row, twice.
    const EACH: usize = 256;
    const FEW: usize = 32;
    let most = c.kernel[0].max(c.kernel[1]).max(c.output[0]);
    most <= FEW || scratch::has_room(most.saturating_mul(EACH))
}

/// Offsets of the weights along one axis, in source steps from an output's own index.
#[allow(clippy::disallowed_methods, reason = "see `has_room`")]
fn taps(kernel: usize, dilation: usize, padding: usize) -> Vec<isize> {
    (0..kernel).map(|p| (p * dilation) as isize - padding as isize).collect()
}

/// The convolution of `x: [batch, channels, …input]` with `w: [filters, channels / groups,
/// …kernel]`, plus `bias: [filters]`.
///
/// **Cost**: two operations an output pixel and weight; memory for one padded image and a copy of
/// the weights.
///
/// **Errors**: panics when a slice does not have the elements the extents say.
#[allow(clippy::disallowed_methods, reason = "see `has_room`")]
pub fn forward<T: Scalar>(conv: &Conv2d, x: &[T], w: &[T], bias: Option<&[T]>, y: &mut [T]) {
    conv.check([x.len(), w.len(), y.len()]);
    assert!(bias.is_none_or(|b| b.len() == conv.filters), "conv: one bias a filter");
    let c = conv.flattened();
    if !has_room(&c) {
        return;
    }
    let (channels, filters) = c.per_group();
    let rows = taps(c.kernel[0], c.dilation[0], c.padding[0]);
    let cols = taps(c.kernel[1], c.dilation[1], c.padding[1]);
    let area = (c.kernel[0] * c.kernel[1]) as isize;
    let along = |n: usize, by: isize| (0..n as isize).map(|p| p * by).collect::<Vec<_>>();
    let correlation = Correlation {
        batch: c.batch,
        groups: c.groups,
        channels,
        filters,
        source: c.input,
        rows,
        cols,
        step: c.stride,
        out: c.output,
        weights: Weights {
            group: filters as isize * channels as isize * area,
            filter: channels as isize * area,
            channel: area,
            rows: along(c.kernel[0], c.kernel[1] as isize),
            cols: along(c.kernel[1], 1),
        },
        dest: Dest { start: 0, filter: c.output[0] * c.output[1], row: c.output[1], col: 1 },
    };
    correlation.run(x, w, bias, y);
}

/// The gradient of x: `dx[n, c, h, w] = Σ g[n, f, i, j] · w[f, c, p, q]` over all (i, j, p, q) that
/// meet in (h, w).
///
/// `g: [batch, filters, …output]`, `dx: [batch, channels, …input]`; cost, memory and errors as
/// [`forward`].
pub fn input_gradient<T: Scalar>(conv: &Conv2d, g: &[T], w: &[T], dx: &mut [T]) {
    conv.check([dx.len(), w.len(), g.len()]);
    let c = conv.flattened();
    if !has_room(&c) {
        return;
    }
    let (channels, filters) = c.per_group();
    let area = (c.kernel[0] * c.kernel[1]) as isize;
    // Rows h of the input with h = first (mod stride) are reached by some rows of weights only; for
    // those, neighbouring rows h see neighbouring rows of g. Offsets fall with the weight's number,
    // and a correlation wants them rising.
    let reach = |axis: usize, first: usize, by: isize| -> (Vec<isize>, Vec<isize>) {
        let stride = c.stride[axis] as isize;
        (0..c.kernel[axis] as isize)
            .rev()
            .map(|p| (first as isize + c.padding[axis] as isize - p * c.dilation[axis] as isize, p * by))
            .filter(|(at, _)| at % stride == 0)
            .map(|(at, weight)| (at / stride, weight))
            .unzip()
    };
    for h in 0..c.stride[0].min(c.input[0]) {
        for v in 0..c.stride[1].min(c.input[1]) {
            let (rows, weight_rows) = reach(0, h, c.kernel[1] as isize);
            let (cols, weight_cols) = reach(1, v, 1);
            let [height, width] = c.input;
            let correlation = Correlation {
                batch: c.batch,
                groups: c.groups,
                channels: filters,
                filters: channels,
                source: c.output,
                rows,
                cols,
                step: [1, 1],
                out: [(height - h).div_ceil(c.stride[0]), (width - v).div_ceil(c.stride[1])],
                weights: Weights {
                    group: filters as isize * channels as isize * area,
                    filter: area,
                    channel: channels as isize * area,
                    rows: weight_rows,
                    cols: weight_cols,
                },
                dest: Dest { start: h * width + v, filter: height * width, row: c.stride[0] * width, col: c.stride[1] },
            };
            correlation.run(g, w, None, dx);
        }
    }
}

/// The gradient of w: `dw[f, c, p, q] = Σ g[n, f, i, j] · x[n, c, i·stride − padding + p·dilation,
/// …]` over n, i and j.
///
/// `g: [batch, filters, …output]`, `x: [batch, channels, …input]`, `dw: [filters, channels /
/// groups, …kernel]`; cost, memory and errors as [`forward`].
pub fn weight_gradient<T: Scalar>(conv: &Conv2d, g: &[T], x: &[T], dw: &mut [T]) {
    conv.check([x.len(), dw.len(), g.len()]);
    let c = conv.flattened();
    if !has_room(&c) {
        return;
    }
    if c.filters == c.groups {
        weight::run::<T, 1, 4>(&c, g, x, dw);
    } else {
        weight::run::<T, 4, 2>(&c, g, x, dw);
    }
}
