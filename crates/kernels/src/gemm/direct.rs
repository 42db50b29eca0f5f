//! Products whose B fits in the first-level cache: no block of A is copied, and of B only what the micro-kernel cannot read in place.
//!
//! For 16…64 on a side, copying both operands would cost as much as a tenth of the arithmetic. A is read by broadcast of single elements, so any
//! strides do. B is read by vectors: rows must be contiguous, and the last panel must be whole, or it is copied.

use super::kernel::{MR, Target, tile_direct};
use super::pack::pack;
use super::problem::{Problem, View};
use super::scratch::with_scratch;
use adjoint_simd::Scalar;

/// Rows of A between two passes over B: they stay in the second-level cache.
const MC: usize = 128;

/// # Safety
/// The problem's views are valid; none of `m`, `n`, `k` is 0.
pub(super) unsafe fn run<T: Scalar>(p: &Problem<T>) {
    let nr = 2 * T::LANES;
    // Columns read in place; the rest goes through panels. The kernel counts turns on B's pointer, so a broadcast row must be copied too.
    let in_place = if p.b.cs == 1 && p.b.rs != 0 { p.n - p.n % nr } else { 0 };
    let copied = p.n - in_place;
    let with_panels = |panels: *mut T| {
        // SAFETY: columns `in_place..n` of B are readable, and the scratch holds that many columns in whole panels.
        unsafe {
            let from = p.b.ptr.offset(in_place as isize * p.b.cs);
            if T::LANES == 4 {
                pack::<T, 8>(from, p.b.cs, p.b.rs, copied, p.k, panels);
            } else {
                pack::<T, 4>(from, p.b.cs, p.b.rs, copied, p.k, panels);
            }
        }
        for i0 in (0..p.m).step_by(MC) {
            let rows = MC.min(p.m - i0);
            for j in (0..p.n).step_by(nr) {
                let (b, rsb) = if j < in_place {
                    (p.b.ptr.wrapping_add(j), p.b.rs)
                } else {
                    (panels.wrapping_add((j - in_place) * p.k).cast_const(), nr as isize)
                };
                // SAFETY: rows `i0..i0 + rows` and columns `j..j + nr` (as far as they exist) are within the problem.
                unsafe { column(p, i0, rows, j, b, rsb) }
            }
        }
    };
    if copied == 0 {
        with_panels(std::ptr::null_mut());
    } else {
        with_scratch(copied.next_multiple_of(nr) * p.k, with_panels);
    }
}

/// All tiles of one panel of B, down a block of rows.
unsafe fn column<T: Scalar>(p: &Problem<T>, i0: usize, rows: usize, j: usize, b: *const T, rsb: isize) {
    let cols = (2 * T::LANES).min(p.n - j);
    for i in (i0..i0 + rows).step_by(MR) {
        let a = View { ptr: p.a.ptr.wrapping_offset(i as isize * p.a.rs), ..p.a };
        let c = p.c.ptr.wrapping_offset(i as isize * p.c.rs + j as isize * p.c.cs);
        let target =
            Target { c: View { ptr: c, ..p.c }, rows: MR.min(i0 + rows - i), cols, alpha: p.alpha, beta: p.beta };
        // SAFETY: the target is the part of the tile inside C, its rows exist in A, and `b` holds `k` rows of a panel, `rsb != 0` apart.
        unsafe { tile_direct(p.k, a, b, rsb, &target) }
    }
}
