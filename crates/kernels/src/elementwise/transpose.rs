//! A matrix copied so that its fast dimension becomes the slow one.
//!
//! Either side is traversed along cache lines if it goes in tiles; within a tile of 4-byte
//! elements, four by four at a time in registers.

use adjoint_simd::F32x4;

use super::raw::by_size;

/// Elements a side of a tile: a tile of either matrix stays in the first-level cache.
const TILE: usize = 32;

/// `to[r, c] = from[r, c]` for `rows × columns` elements of `size` bytes, where `from[r, c]` is at
/// `r + c·from_stride` and `to[r, c]` at `r·to_stride + c`.
///
/// # Safety
/// All elements must be readable and writable there; the matrices may not overlap.
pub(super) unsafe fn transpose(
    size: usize,
    from: *const u8,
    from_stride: isize,
    to: *mut u8,
    to_stride: isize,
    rows: usize,
    columns: usize,
) {
    for r in (0..rows).step_by(TILE) {
        for c in (0..columns).step_by(TILE) {
            let (height, width) = (TILE.min(rows - r), TILE.min(columns - c));
            let source = from.wrapping_offset((r as isize + c as isize * from_stride) * size as isize);
            let target = to.wrapping_offset((r as isize * to_stride + c as isize) * size as isize);
            // SAFETY: a tile of what the caller vouches for.
            unsafe {
                if size == 4 && height == TILE && width == TILE {
                    tile_in_registers(source.cast(), from_stride, target.cast(), to_stride);
                } else {
                    by_size!(size, T => tile::<T>(source.cast(), from_stride, target.cast(), to_stride, height, width));
                }
            }
        }
    }
}

unsafe fn tile<T: Copy>(from: *const T, from_stride: isize, to: *mut T, to_stride: isize, height: usize, width: usize) {
    for r in 0..height as isize {
        for c in 0..width as isize {
            // SAFETY: the caller vouches for the tile.
            unsafe { to.offset(r * to_stride + c).write_unaligned(from.offset(r + c * from_stride).read_unaligned()) };
        }
    }
}

unsafe fn tile_in_registers(from: *const f32, from_stride: isize, to: *mut f32, to_stride: isize) {
    for r in (0..TILE as isize).step_by(4) {
        for c in (0..TILE as isize).step_by(4) {
            // SAFETY: the caller vouches for a full tile. Vectors of f32 carry any 4-byte element
            // unchanged: they are only shuffled.
            unsafe {
                let columns = core::array::from_fn(|i| F32x4::load(from.offset(r + (c + i as isize) * from_stride)));
                for (i, row) in F32x4::transpose(columns).into_iter().enumerate() {
                    row.store(to.offset((r + i as isize) * to_stride + c));
                }
            }
        }
    }
}
