//! Copies a block of a strided matrix into panels, the order in which the micro-kernel reads it.
//!
//! A panel holds `W` neighbouring rows of A (or columns of B) for `len` steps of `k`: the `W`
//! values of step 0, then those of step 1, … The last panel is filled up with zeros, so that the
//! micro-kernel needs no edge case on its inputs.

use super::kernel::{MR, SHORT, heights};
use super::problem::View;
use adjoint_simd::{Scalar, Vector};

/// Packs `count` lines (rows of A, columns of B) of `len` steps each into `count.div_ceil(W)`
/// panels of `W · len` elements at `out`.
///
/// Line `i` at step `p` is at `x + i·across + p·along`.
///
/// # Safety
/// Those elements are readable and `out` has space for the panels.
unsafe fn pack<T: Scalar, const W: usize>(
    x: *const T,
    across: isize,
    along: isize,
    count: usize,
    len: usize,
    out: *mut T,
) {
    for panel in 0..count.div_ceil(W) {
        let first = panel * W;
        let width = W.min(count - first);
        // SAFETY: line `first` is within `count`, and panel number `panel` within `out`.
        unsafe {
            let x = x.offset(first as isize * across);
            let out = out.add(panel * W * len);
            match (width == W, across, along) {
                (true, 1, _) => copy_steps::<T, W>(x, along, len, out),
                (true, _, 1) => transpose_steps::<T, W>(x, across, len, out),
                _ => any_steps(x, across, along, width, len, out, W),
            }
        }
    }
}

/// Packs `rows` rows of A for `steps` steps: panels of `MR` rows, then of `SHORT`, as [`heights`]
/// has it; a panel of row `i` starts at `out + i · steps`. Gives the number of rows in tall panels.
///
/// # Safety
/// As [`pack`].
pub(super) unsafe fn pack_rows<T: Scalar>(a: View<*const T>, rows: usize, steps: usize, out: *mut T) -> usize {
    let tall = rows.min(heights(rows).0 * MR);
    let rest = a.ptr.wrapping_offset(tall as isize * a.rs);
    // SAFETY: the caller's promise; where there are short panels the tall ones are full.
    unsafe {
        pack::<T, MR>(a.ptr, a.rs, a.cs, tall, steps, out);
        pack::<T, SHORT>(rest, a.rs, a.cs, rows - tall, steps, out.add(tall * steps));
    }
    tall
}

/// Packs `count` columns of B, from `x` on, for `steps` rows, in panels as wide as the
/// micro-kernel's tile.
///
/// # Safety
/// As [`pack`].
pub(super) unsafe fn pack_columns<T: Scalar>(x: *const T, b: View<*const T>, count: usize, steps: usize, out: *mut T) {
    // SAFETY: the caller's promise.
    unsafe {
        if T::LANES == 4 {
            pack::<T, 8>(x, b.cs, b.rs, count, steps, out);
        } else {
            pack::<T, 4>(x, b.cs, b.rs, count, steps, out);
        }
    }
}

/// Lines side by side in memory: each step is one contiguous copy.
unsafe fn copy_steps<T: Scalar, const W: usize>(x: *const T, along: isize, len: usize, out: *mut T) {
    for p in 0..len {
        // SAFETY: `W` lines are readable at each of `len` steps; `out` has `W · len` elements.
        unsafe {
            let step: [T; W] = x.offset(p as isize * along).cast::<[T; W]>().read_unaligned();
            out.add(p * W).cast::<[T; W]>().write_unaligned(step);
        }
    }
}

/// Lines that are each contiguous: square blocks are transposed in registers.
unsafe fn transpose_steps<T: Scalar, const W: usize>(x: *const T, across: isize, len: usize, out: *mut T) {
    let whole = len - len % T::LANES;
    for p in (0..whole).step_by(T::LANES) {
        let mut i = 0;
        while i < W {
            // Where vectors do not divide the width, the last block repeats lines of the one
            // before.
            i = i.min(W - T::LANES);
            // SAFETY: the block of lines i… and steps p… is within `W` lines of `len` steps; so
            // does its transpose in `out`.
            unsafe {
                T::Vector::transpose(x.offset(i as isize * across).add(p), across, out.add(p * W + i), W as isize);
            };
            i += T::LANES;
        }
    }
    // SAFETY: the steps that are left.
    unsafe { any_steps(x.add(whole), across, 1, W, len - whole, out.add(whole * W), W) };
}

/// Element by element: any strides, and panels with fewer lines than their width, the rest of which
/// are zeros.
#[inline(never)]
unsafe fn any_steps<T: Scalar>(
    x: *const T,
    across: isize,
    along: isize,
    width: usize,
    len: usize,
    out: *mut T,
    panel_width: usize,
) {
    for p in 0..len {
        for i in 0..panel_width {
            // SAFETY: only lines below `width` are read; `out` has `panel_width · len` elements.
            unsafe {
                *out.add(p * panel_width + i) =
                    if i < width { *x.offset(i as isize * across + p as isize * along) } else { T::ZERO };
            }
        }
    }
}
