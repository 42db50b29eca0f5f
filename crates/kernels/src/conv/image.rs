//! The copy of an image from which tiles read.

use super::axis::{Axis, Segment};
use adjoint_simd::Scalar;

/// Copies planes of `width` columns, `plane` elements apart, to `out`: each becomes `rows.size()`
/// rows of `cols.size()` elements.
///
/// # Safety
/// The source indices that the axes say exist are readable; `out` has space for `planes` copies.
pub(super) unsafe fn copy<T: Scalar>(
    x: *const T,
    planes: usize,
    plane: usize,
    width: usize,
    rows: &Axis,
    cols: &Axis,
    out: *mut T,
) {
    let pitch = cols.size();
    let mut to = out;
    for c in 0..planes {
        for segment in &rows.segments {
            for t in 0..rows.len {
                // SAFETY: `out` has space for this row; where the row exists it is inside plane c.
                unsafe {
                    if (segment.lo..segment.hi).contains(&t) {
                        let row = segment.start + (t * rows.step) as isize;
                        copy_row(x.add(c * plane + row as usize * width), cols, to);
                    } else {
                        to.write_bytes(0, pitch);
                    }
                    to = to.add(pitch);
                }
            }
        }
    }
}

/// # Safety
/// As [`copy`], for one row.
unsafe fn copy_row<T: Scalar>(x: *const T, cols: &Axis, out: *mut T) {
    for (i, &Segment { start, lo, hi }) in cols.segments.iter().enumerate() {
        // SAFETY: elements lo..hi of the segment exist in the row, and the segment has `len`
        // elements.
        unsafe {
            let out = out.add(i * cols.len);
            for t in 0..lo {
                *out.add(t) = T::ZERO;
            }
            let first = x.wrapping_offset(start);
            if cols.step == 1 {
                copy_short(first.wrapping_add(lo), out.add(lo), hi - lo);
            } else {
                for t in lo..hi {
                    *out.add(t) = *first.wrapping_add(t * cols.step);
                }
            }
            for t in hi..cols.len {
                *out.add(t) = T::ZERO;
            }
        }
    }
}

/// A copy by vectors: rows are short, and calling out costs more than they take.
///
/// # Safety
/// `len` elements are readable and writable.
#[inline(always)]
unsafe fn copy_short<T: Scalar>(from: *const T, to: *mut T, len: usize) {
    use adjoint_simd::Vector;
    let whole = len - len % T::LANES;
    // SAFETY: vectors below `whole`, then single elements.
    unsafe {
        for t in (0..whole).step_by(T::LANES) {
            T::Vector::load(from.add(t)).store(to.add(t));
        }
        for t in whole..len {
            *to.add(t) = *from.add(t);
        }
    }
}
