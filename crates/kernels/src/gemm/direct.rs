//! Products whose B is read where it is stored: only what the micro-kernel cannot read in place is
//! copied.
//!
//! For 16…64 on a side, copying B would cost as much as a tenth of the arithmetic, and for few rows
//! of A more than the arithmetic. B is read by vectors: its rows must be contiguous, and the last
//! panel must be whole, or it is copied. A is copied into panels block by block when enough panels
//! of B pass by to repay it; otherwise it is read by single elements, at any strides.

use super::kernel::{MR, SHORT, Target, strip_packed, tile_direct};
use super::pack::{pack_columns, pack_rows};
use super::problem::{Problem, View};
use super::scratch::with_scratch;
use adjoint_simd::Scalar;

/// Rows of A between two passes over B: they stay in the second-level cache.
const MC: usize = 128;
/// Steps of `k` in a block: a panel of B, which takes whole cache lines of its rows, stays in the
/// first-level cache.
const KC: usize = 256;
/// Panels of B from which on a copy of A is repaid.
const MIN_PANELS: usize = 3;
/// Rows of A that meet four vectors of B at once.
const FEW: usize = 2;

/// # Safety
/// The problem's views are valid; none of `m`, `n`, `k` is 0.
pub(super) unsafe fn run<T: Scalar>(p: &Problem<T>) {
    let nr = 2 * T::LANES;
    // Columns read in place; the rest goes through panels. The kernel counts iterations on B's
    // pointer, so a broadcast row must be copied too.
    let in_place = if p.b.cs == 1 && p.b.rs != 0 { p.n - p.n % nr } else { 0 };
    let copied = p.n - in_place;
    let copy_a = p.n >= MIN_PANELS * nr && p.m > FEW;
    let kc = KC.min(p.k);
    let mc = if copy_a { MC.min(p.m.next_multiple_of(SHORT)) } else { 0 };
    with_scratch((mc + copied.next_multiple_of(nr)) * kc, |a_panels: *mut T| {
        let b_panels = a_panels.wrapping_add(mc * kc);
        for p0 in (0..p.k).step_by(kc) {
            let steps = kc.min(p.k - p0);
            let beta = if p0 == 0 { p.beta } else { T::ONE };
            let a = View { ptr: p.a.ptr.wrapping_offset(p0 as isize * p.a.cs), ..p.a };
            let b = View { ptr: p.b.ptr.wrapping_offset(p0 as isize * p.b.rs), ..p.b };
            // SAFETY: columns `in_place..n` and steps `p0..p0 + steps` of B are readable, and the
            // scratch holds their panels.
            unsafe { pack_columns(b.ptr.wrapping_offset(in_place as isize * b.cs), b, copied, steps, b_panels) };
            for i0 in (0..p.m).step_by(MC) {
                let rows = MC.min(p.m - i0);
                let a = View { ptr: a.ptr.wrapping_offset(i0 as isize * a.rs), ..a };
                // Two rows take four vectors of B at a time, so that all eight accumulators are of
                // use.
                let wide = if rows <= FEW { in_place - in_place % (2 * nr) } else { 0 };
                for j in (0..wide).step_by(2 * nr) {
                    let c = p.c.ptr.wrapping_offset(i0 as isize * p.c.rs + j as isize * p.c.cs);
                    let target = Target { c: View { ptr: c, ..p.c }, rows, cols: 2 * nr, alpha: p.alpha, beta };
                    // SAFETY: `rows` rows of A, four vectors of `steps` rows of B and their tile of
                    // C exist.
                    unsafe { tile_direct::<T, FEW, 4>(steps, a, b.ptr.wrapping_add(j), b.rs, &target) };
                }
                let mut tall = 0;
                if copy_a {
                    // SAFETY: rows `i0..i0 + rows` of A are readable, and the scratch holds their
                    // panels.
                    tall = unsafe { pack_rows(a, rows, steps, a_panels) };
                }
                for j in (wide..p.n).step_by(nr) {
                    let (b, rsb) = if j < in_place {
                        (b.ptr.wrapping_add(j), b.rs)
                    } else {
                        (b_panels.wrapping_add((j - in_place) * steps).cast_const(), nr as isize)
                    };
                    let c = p.c.ptr.wrapping_offset(i0 as isize * p.c.rs + j as isize * p.c.cs);
                    let c = View { ptr: c, ..p.c };
                    let strip = Target { c, rows, cols: nr.min(p.n - j), alpha: p.alpha, beta };
                    // SAFETY: the strip is inside C and its rows exist in A; `b` holds `steps` rows
                    // of a panel, `rsb != 0` apart.
                    unsafe {
                        if copy_a {
                            strip_packed(steps, a_panels, tall, b, rsb, &strip);
                        } else {
                            strip_direct(steps, a, b, rsb, &strip);
                        }
                    }
                }
            }
        }
    });
}

/// All tiles of a block of C: rows of A where they are stored against one strip of B, `rsb` between
/// its rows.
///
/// # Safety
/// `whole.rows` rows of A are readable for `k` steps, two vectors a row of B for `k` rows; `rsb !=
/// 0`; `whole` is writable.
unsafe fn strip_direct<T: Scalar>(k: usize, a: View<*const T>, b: *const T, rsb: isize, whole: &Target<T>) {
    let mut i = 0;
    while i < whole.rows {
        // Where no more than a vector of columns is left, more rows do the work that a second
        // vector would.
        let narrow = whole.cols <= T::LANES && i + SHORT < whole.rows;
        let height = if narrow { MR } else { SHORT };
        let a = View { ptr: a.ptr.wrapping_offset(i as isize * a.rs), ..a };
        let ptr = whole.c.ptr.wrapping_offset(i as isize * whole.c.rs);
        let target = Target { c: View { ptr, ..whole.c }, rows: height.min(whole.rows - i), ..*whole };
        // SAFETY: the target is the part of the tile inside C, and its rows exist in A.
        unsafe {
            if narrow {
                tile_direct::<T, MR, 1>(k, a, b, rsb, &target);
            } else {
                tile_direct::<T, SHORT, 2>(k, a, b, rsb, &target);
            }
        }
        i += height;
    }
}
