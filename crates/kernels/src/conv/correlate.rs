//! Sums over weights with outputs along vectors: the convolution itself, and the gradient of its
//! input.

use super::BLOCK;
use super::axis::Axis;
use super::image;
use super::tile::{Operands, outer};
use crate::exec::{Grain, Part, Shared, for_range};
use crate::gemm::with_scratch;
use crate::scratch;
use adjoint_simd::{Scalar, Vector};
use std::ops::Range;

/// Where the weights of a correlation are stored, in elements from the start: the steps of groups,
/// filters and channels, and rows and columns one by one.
pub(super) struct Weights {
    pub group: isize,
    pub filter: isize,
    pub channel: isize,
    pub rows: Vec<isize>,
    pub cols: Vec<isize>,
}

/// Where results are stored: that of filter f (over all images and groups), row i, column j at
/// `start + f·filter + i·row + j·col`.
pub(super) struct Dest {
    pub start: usize,
    pub filter: usize,
    pub row: usize,
    pub col: usize,
}

/// `y[f, i, j] = Σ x[c, i·step + rows[p], j·step + cols[q]] · w[f, c, p, q]`, with zeros outside
/// the source, for each image and group.
pub(super) struct Correlation {
    pub batch: usize,
    pub groups: usize,
    /// Channels and filters of a group.
    pub channels: usize,
    pub filters: usize,
    /// Rows and columns of a source plane.
    pub source: [usize; 2],
    /// Offsets of the weights, rising.
    pub rows: Vec<isize>,
    pub cols: Vec<isize>,
    pub step: [usize; 2],
    /// Rows and columns of the result.
    pub out: [usize; 2],
    pub weights: Weights,
    pub dest: Dest,
}

/// Neighbouring rows of outputs whose weights fall inside the source on the same rows of weights.
struct Band {
    outputs: Range<usize>,
    weights: Range<usize>,
}

impl Correlation {
    /// Runs it: `x` holds the sources, `w` the weights, `y` gets the results, started from `bias`.
    pub fn run<T: Scalar>(&self, x: &[T], w: &[T], bias: Option<&[T]>, y: &mut [T]) {
        if self.batch * self.groups * self.filters * self.out[0] * self.out[1] == 0 {
            return;
        }
        if self.filters == 1 {
            self.run_by::<T, 1, 4>(x, w, bias, y);
        } else if self.filters.next_multiple_of(2) < self.filters.next_multiple_of(4) {
            self.run_by::<T, 2, 4>(x, w, bias, y);
        } else {
            self.run_by::<T, 4, 2>(x, w, bias, y);
        }
    }

    fn terms(&self) -> usize {
        self.rows.len() * self.channels * self.cols.len()
    }

    fn run_by<T: Scalar, const R: usize, const V: usize>(&self, x: &[T], w: &[T], bias: Option<&[T]>, y: &mut [T]) {
        let cols = Axis::new(&self.cols, self.step[1], self.out[1], T::LANES, self.source[1]);
        let rows = Axis::whole(self.source[0]);
        let Some(offsets) = self.offsets::<T>(&cols) else { return };
        let bands = self.bands();
        let plane = self.source[0] * self.source[1];
        let size = self.channels * rows.size() * cols.size();
        let panels = self.filters.next_multiple_of(R) * self.terms();
        let cost = self.filters * self.out[0] * self.out[1] * self.terms();
        let written = Part::new(y);
        with_scratch(self.groups * panels, |packed: *mut T| {
            for g in 0..self.groups {
                // SAFETY: the scratch has space for the panels of all groups.
                unsafe { self.pack::<T, R>(w, g, packed.add(g * panels)) };
            }
            // SAFETY: a range writes the results of its own sources.
            let pointers = unsafe { Shared::new((packed.cast_const(), written.as_mut_ptr())) };
            for_range(self.batch * self.groups, Grain::of_multiply_adds(cost), &written, |range| {
                let (packed, y) = pointers.get();
                with_scratch(size, |copy: *mut T| {
                    for at in range.clone() {
                        let group = at % self.groups;
                        // SAFETY: source number `at` is in x, whose length was checked, and its
                        // copy in the scratch. Every offset of a band, added to one of its outputs,
                        // stays in the copy. Destinations of different sources are apart.
                        unsafe {
                            let x = x.as_ptr().add(at * self.channels * plane);
                            image::copy(x, self.channels, plane, self.source[1], &rows, &cols, copy);
                            let run = Run::<T, R, V> {
                                correlation: self,
                                pitch: cols.size(),
                                image: copy,
                                panels: packed.add(group * panels),
                                offsets: &offsets,
                                bias: bias.map(|b| b.as_ptr().add(group * self.filters)),
                                y: y.add(self.dest.start + at * self.filters * self.dest.filter),
                            };
                            bands.iter().for_each(|band| run.band(band));
                        }
                    }
                });
            });
        });
    }

    /// How far in the copy, in bytes, each term's pixel is from the output's own row and column,
    /// terms in the order rows, channels, columns.
    fn offsets<T>(&self, cols: &Axis) -> Option<Vec<isize>> {
        let pitch = cols.size() as isize;
        let mut out = scratch::with_room(self.terms())?;
        for &row in &self.rows {
            for c in 0..self.channels as isize {
                let at = (c * self.source[0] as isize + row) * pitch;
                #[allow(clippy::disallowed_methods, reason = "the capacity was reserved")]
                out.extend(cols.taps.iter().map(|&tap| (at + tap as isize) * size_of::<T>() as isize));
            }
        }
        Some(out)
    }

    fn bands(&self) -> Vec<Band> {
        let mut bands: Vec<Band> = Vec::new();
        for i in 0..self.out[0] {
            let at = (i * self.step[0]) as isize;
            let first = self.rows.partition_point(|&row| at + row < 0);
            let last = self.rows.partition_point(|&row| at + row < self.source[0] as isize);
            match bands.last_mut() {
                Some(band) if band.weights == (first..last) => band.outputs.end = i + 1,
                _ => bands.push(Band { outputs: i..i + 1, weights: first..last }),
            }
        }
        bands
    }

    /// Copies the weights of a group into panels of `R` filters, terms in the order of
    /// [`Correlation::offsets`]. Filters that the last panel has too many are the last one again.
    ///
    /// # Safety
    /// `out` has space for them.
    unsafe fn pack<T: Scalar, const R: usize>(&self, w: &[T], group: usize, out: *mut T) {
        let from = &self.weights;
        let at = |f: usize, row: isize, c: usize, col: isize| {
            group as isize * from.group + f as isize * from.filter + c as isize * from.channel + row + col
        };
        // Steps are never negative: no weight is behind the last.
        let far = |x: &[isize]| x.iter().copied().max().unwrap_or(0);
        let end = at(self.filters - 1, far(&from.rows), self.channels.max(1) - 1, far(&from.cols));
        assert!(self.terms() == 0 || (end as usize) < w.len(), "conv: weights");
        let mut to = out;
        for f in (0..self.filters).step_by(R) {
            let filters: [usize; R] = core::array::from_fn(|i| (f + i).min(self.filters - 1));
            for &row in &from.rows {
                for c in 0..self.channels {
                    let lines = filters.map(|f| w.as_ptr().wrapping_offset(at(f, row, c, 0)));
                    for &col in &from.cols {
                        for line in lines {
                            // SAFETY: at most the last weight, whose offset was checked; one step
                            // of one panel, of which there are as many as iterations of these
                            // loops.
                            unsafe {
                                *to = *line.wrapping_offset(col);
                                to = to.add(1);
                            }
                        }
                    }
                }
            }
        }
    }
}

/// One source and group on its way through the tiles.
struct Run<'a, T, const R: usize, const V: usize> {
    correlation: &'a Correlation,
    pitch: usize,
    image: *const T,
    panels: *const T,
    offsets: &'a [isize],
    bias: Option<*const T>,
    y: *mut T,
}

/// A vector of outputs: where its pixels begin, where it goes, and how many lanes of it are to be
/// written.
#[derive(Clone, Copy)]
struct Place<T> {
    base: *const T,
    to: *mut T,
    lanes: usize,
}

impl<T: Scalar, const R: usize, const V: usize> Run<'_, T, R, V> {
    /// # Safety
    /// The pointers are those of one source and group, as [`Correlation::run_by`] makes them.
    unsafe fn band(&self, band: &Band) {
        let c = self.correlation;
        let row = c.channels * c.cols.len();
        let terms = band.weights.start * row..band.weights.end * row;
        // Blocks of even size; a sum without terms still has to be written.
        let blocks = terms.len().div_ceil(BLOCK).max(1);
        let block = terms.len().div_ceil(blocks);
        // The last vector of a row ends where the row does and repeats lanes of the one before,
        // which would add twice to what is there.
        let repeat = blocks == 1 && c.out[1] >= T::LANES && c.dest.col == 1;
        for start in (0..blocks).map(|i| terms.start + i * block) {
            let steps = block.min(terms.end - start);
            // SAFETY: the caller's promise; the block is within the terms.
            unsafe { self.block(&band.outputs, start, steps, start == terms.start, repeat) };
        }
    }

    unsafe fn block(&self, outputs: &Range<usize>, start: usize, steps: usize, first: bool, repeat: bool) {
        let c = self.correlation;
        let (total, cols) = (c.terms(), c.out[1]);
        let (mut i, mut j) = (outputs.start, 0);
        while i < outputs.end {
            let mut places = [Place { base: self.image, to: self.y, lanes: 0 }; V];
            for place in &mut places {
                if i == outputs.end {
                    break;
                }
                let at = if repeat { j.min(cols - T::LANES) } else { j };
                let base = self.image.wrapping_add(i * c.step[0] * self.pitch + at);
                let to = self.y.wrapping_add(i * c.dest.row + at * c.dest.col);
                *place = Place { base, to, lanes: T::LANES.min(cols - at) };
                j += T::LANES;
                if j >= cols {
                    (i, j) = (i + 1, 0);
                }
            }
            // Past the last vector the first is computed again, and where whole vectors are
            // written, written again.
            let bases = places.map(|place| if place.lanes == 0 { places[0].base } else { place.base });
            let whole = first && c.dest.col == 1 && places.iter().all(|p| p.lanes % T::LANES == 0);
            for f in (0..c.filters).step_by(R) {
                let rows = R.min(c.filters - f);
                let panel = self.panels.wrapping_add(f * total + start * R);
                let operands = Operands { panel, steps, offsets: self.offsets[start..].as_ptr(), bases };
                let mut from = [T::ZERO; R];
                if let (true, Some(bias)) = (first, self.bias) {
                    // SAFETY: each filter has a bias.
                    unsafe { from[..rows].copy_from_slice(std::slice::from_raw_parts(bias.add(f), rows)) };
                }
                // SAFETY: the caller's promise; whole vectors are in the result, others go by way
                // of a tile of their own.
                unsafe {
                    if whole {
                        let to = places.map(|p| if p.lanes == 0 { places[0].to } else { p.to });
                        let to = to.map(|p| p.wrapping_add(f * c.dest.filter));
                        outer(&operands, &from, &to, c.dest.filter, rows);
                    } else {
                        let mut tile = [[[T::ZERO; 4]; V]; R];
                        let corner = tile.as_mut_ptr().cast::<T>();
                        let to = core::array::from_fn(|v| corner.wrapping_add(4 * v));
                        outer(&operands, &from, &to, 4 * V, R);
                        self.write(&places, f, &tile[..rows], first);
                    }
                }
            }
        }
    }

    /// Writes the lanes of a tile that exist, or adds them to what earlier blocks of terms left.
    unsafe fn write(&self, places: &[Place<T>; V], f: usize, tile: &[[[T; 4]; V]], first: bool) {
        let dest = &self.correlation.dest;
        for (i, row) in tile.iter().enumerate() {
            for (lanes, place) in row.iter().zip(places) {
                let to = place.to.wrapping_add((f + i) * dest.filter);
                // SAFETY: these lanes exist in the result, and were written by the first block if
                // this is a later one.
                unsafe {
                    if place.lanes == T::LANES && dest.col == 1 {
                        let sum = T::Vector::load(lanes.as_ptr());
                        (if first { sum } else { T::Vector::load(to) + sum }).store(to);
                        continue;
                    }
                    for (k, &lane) in lanes.iter().enumerate().take(place.lanes) {
                        let to = to.add(k * dest.col);
                        *to = if first { lane } else { *to + lane };
                    }
                }
            }
        }
    }
}
