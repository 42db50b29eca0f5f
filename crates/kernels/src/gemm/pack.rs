//! Copies a block of a strided matrix into panels, the order in which the micro-kernel reads it.
//!
//! A panel holds `W` neighbouring rows of A (or columns of B) for `len` steps of `k`: the `W` values of step 0, then those of step 1, … The
//! last panel is filled up with zeros, so that the micro-kernel needs no edge case on its inputs.

use adjoint_simd::Scalar;

/// Packs `count` lines (rows of A, columns of B) of `len` steps each into `count.div_ceil(W)` panels of `W · len` elements at `out`.
///
/// Line `i` at step `p` lies at `x + i·across + p·along`.
///
/// # Safety
/// Those elements are readable and `out` has room for the panels.
pub(super) unsafe fn pack<T: Scalar, const W: usize>(
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
            match (width == W, across) {
                (true, 1) => copy_steps::<T, W>(x, along, len, out),
                (true, _) => gather_steps::<T, W>(x, across, along, len, out),
                (false, _) => partial(x, across, along, width, len, out, W),
            }
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

/// Lines apart in memory: `W` streams are read in step.
unsafe fn gather_steps<T: Scalar, const W: usize>(x: *const T, across: isize, along: isize, len: usize, out: *mut T) {
    for p in 0..len {
        for i in 0..W {
            // SAFETY: as `copy_steps`.
            unsafe { *out.add(p * W + i) = *x.offset(i as isize * across + p as isize * along) };
        }
    }
}

/// A panel with fewer lines than its width; the rest are zeros.
unsafe fn partial<T: Scalar>(
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
