//! Way 2 of [`run`](super::run()): an input is transposed against the output.
//!
//! Where an input is dense in the dim next to the one in which the output is, reading it row by row
//! would touch a cache line for each element. So a tile of rows and columns is computed at a time:
//! every input's part is brought into a buffer in the order of the output.

use core::mem::MaybeUninit;
use core::ops::Range;

use super::layout::Row;
use super::loops::Loop;
use super::raw::move_strided;
use super::run::{COST, Task};
use super::transpose::transpose;
use super::{MAX_INPUTS, MAX_PARAMS};
use crate::exec::{Grain, Shared, for_range};

/// Rows and columns of a tile: half a kilobyte to two a row, and all operands' tiles stay in the
/// first two caches.
const ROWS: usize = 32;
const COLUMNS: usize = 64;

/// The output and the inputs, at most.
const TILED: usize = 4;

/// Smaller dims are not worth it.
const LEAST: usize = 8;

type Tile = [MaybeUninit<u64>; ROWS * COLUMNS];

impl Task<'_> {
    /// Whether some input is transposed against the output, and the operands are few and need no
    /// cast.
    pub(super) fn suits_tiles(&self) -> bool {
        let [.., rows, columns] = self.dims.all() else { return false };
        let as_wanted = (0..self.n).all(|k| self.dtypes[k] == self.wanted(k));
        let transposed = |k: usize| rows.strides[k] == 1 && columns.strides[k].unsigned_abs() > 1;
        let large = rows.extent >= LEAST && columns.extent >= LEAST;
        large && self.n <= TILED && as_wanted && columns.strides[0] == 1 && (1..self.n).any(transposed)
    }

    /// # Safety
    /// As [`run`](super::run()), where [`suits_tiles`](Self::suits_tiles) holds.
    #[inline(never)]
    pub(super) unsafe fn by_tiles(&self, block: &Loop, params: &[f64]) {
        debug_assert!(params.len() <= MAX_PARAMS);
        let [outer @ .., rows, columns] = self.dims.all() else { return };
        let strips = rows.extent.div_ceil(ROWS);
        let planes: usize = outer.iter().map(|dim| dim.extent).product();
        let cost = COST * ROWS * columns.extent;
        // SAFETY: a range writes its own strips of rows.
        let shared = unsafe { Shared::new((self, block, params)) };
        for_range(planes * strips, Grain::of(cost), self, |range| {
            let (task, block, params) = shared.get();
            // SAFETY: the caller's promise.
            unsafe { task.strips(range, strips, block, params) };
        });
    }

    /// Some strips of [`ROWS`] rows, of which a plane has `strips`.
    #[inline(always)]
    unsafe fn strips(&self, range: Range<usize>, strips: usize, block: &Loop, params: &[f64]) {
        let [outer @ .., rows, columns] = self.dims.all() else { return };
        let mut tiles = [[const { MaybeUninit::uninit() }; ROWS * COLUMNS] as Tile; TILED];
        let mut row = Row::at(range.start / strips, outer, self.n);
        let mut r = range.start % strips * ROWS;
        for _ in range {
            for c in (0..columns.extent).step_by(COLUMNS) {
                let (height, width) = (ROWS.min(rows.extent - r), COLUMNS.min(columns.extent - c));
                let start = |k: usize| {
                    self.at(k, row.offsets[k] + r as isize * rows.strides[k] + c as isize * columns.strides[k])
                };
                let strides = |k: usize| [rows.strides[k], columns.strides[k]];
                let mut ins = [core::ptr::null(); MAX_INPUTS];
                for k in 1..self.n {
                    let tile = tiles[k].as_mut_ptr().cast::<u8>();
                    // SAFETY: a part of an operand, and a buffer for a tile of the widest elements.
                    unsafe { gather(self.dtypes[k].size(), start(k), strides(k), tile, height, width) };
                    ins[k - 1] = tile.cast_const();
                }
                let tile = tiles[0].as_mut_ptr().cast::<u8>();
                let (size, to) = (self.dtypes[0].size(), start(0).cast_mut());
                // SAFETY: all buffers hold the tile; every input's part was read before the
                // output's is written, and rows of the output are dense.
                unsafe {
                    block.run(ins.as_ptr(), params.as_ptr(), tile, height * width);
                    for i in 0..height {
                        let to = to.wrapping_offset(i as isize * rows.strides[0] * size as isize);
                        core::ptr::copy_nonoverlapping(tile.add(i * width * size), to, width * size);
                    }
                }
            }
            r += ROWS;
            if r >= rows.extent {
                r = 0;
                row.advance_in(outer, self.n);
            }
        }
    }
}

/// Brings a tile of an operand into a buffer, row by row.
///
/// # Safety
/// All elements must be readable, and the buffer hold them.
unsafe fn gather(size: usize, from: *const u8, [down, across]: [isize; 2], tile: *mut u8, height: usize, width: usize) {
    // SAFETY: the caller's promise, throughout.
    unsafe {
        if down == 1 && across.unsigned_abs() > 1 {
            transpose(size, from, across, tile, width as isize, height, width);
            return;
        }
        for i in 0..height {
            let from = from.wrapping_offset(i as isize * down * size as isize);
            move_strided(size, from, across, tile.add(i * width * size), 1, width);
        }
    }
}
