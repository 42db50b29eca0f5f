//! Products whose B is read where it lies: only what the micro-kernel cannot read in place is copied.
//!
//! For 16…64 on a side, copying B would cost as much as a tenth of the arithmetic, and for few rows of A more than the arithmetic. B is read by
//! vectors: its rows must be contiguous, and the last panel must be whole, or it is copied. A is copied into panels block by block when enough
//! panels of B pass by to repay it; otherwise it is read by single elements, at any strides.

use super::kernel::{MR, Target, tile_direct, tile_packed};
use super::pack::{pack, pack_columns};
use super::problem::{Problem, View};
use super::scratch::with_scratch;
use adjoint_simd::Scalar;

/// Rows of A between two passes over B: they stay in the second-level cache.
const MC: usize = 128;
/// Steps of `k` in a block: a panel of B, which takes whole cache lines of its rows, stays in the first-level cache.
const KC: usize = 256;
/// Panels of B from which on a copy of A is repaid.
const MIN_PANELS: usize = 3;

/// # Safety
/// The problem's views are valid; none of `m`, `n`, `k` is 0.
pub(super) unsafe fn run<T: Scalar>(p: &Problem<T>) {
    let nr = 2 * T::LANES;
    // Columns read in place; the rest goes through panels. The kernel counts turns on B's pointer, so a broadcast row must be copied too.
    let in_place = if p.b.cs == 1 && p.b.rs != 0 { p.n - p.n % nr } else { 0 };
    let copied = p.n - in_place;
    let copy_a = p.n >= MIN_PANELS * nr;
    let kc = KC.min(p.k);
    let mc = if copy_a { MC.min(p.m.next_multiple_of(MR)) } else { 0 };
    with_scratch((mc + copied.next_multiple_of(nr)) * kc, |a_panels: *mut T| {
        let b_panels = a_panels.wrapping_add(mc * kc);
        for p0 in (0..p.k).step_by(kc) {
            let steps = kc.min(p.k - p0);
            let beta = if p0 == 0 { p.beta } else { T::ONE };
            let a = View { ptr: p.a.ptr.wrapping_offset(p0 as isize * p.a.cs), ..p.a };
            let b = View { ptr: p.b.ptr.wrapping_offset(p0 as isize * p.b.rs), ..p.b };
            // SAFETY: columns `in_place..n` and steps `p0..p0 + steps` of B are readable, and the scratch holds their panels.
            unsafe { pack_columns(b.ptr.wrapping_offset(in_place as isize * b.cs), b, copied, steps, b_panels) };
            for i0 in (0..p.m).step_by(MC) {
                let rows = MC.min(p.m - i0);
                let a = View { ptr: a.ptr.wrapping_offset(i0 as isize * a.rs), ..a };
                if copy_a {
                    // SAFETY: rows `i0..i0 + rows` of A are readable, and the scratch holds their panels.
                    unsafe { pack::<T, MR>(a.ptr, a.rs, a.cs, rows, steps, a_panels) };
                }
                for j in (0..p.n).step_by(nr) {
                    let (b, rsb) = if j < in_place {
                        (b.ptr.wrapping_add(j), b.rs)
                    } else {
                        (b_panels.wrapping_add((j - in_place) * steps).cast_const(), nr as isize)
                    };
                    for i in (0..rows).step_by(MR) {
                        let c = p.c.ptr.wrapping_offset((i0 + i) as isize * p.c.rs + j as isize * p.c.cs);
                        let c = View { ptr: c, ..p.c };
                        let target = Target { c, rows: MR.min(rows - i), cols: nr.min(p.n - j), alpha: p.alpha, beta };
                        // SAFETY: the target is the part of the tile inside C, and its rows exist in A; `b` holds `steps` rows of a panel,
                        // `rsb != 0` apart.
                        unsafe {
                            if copy_a {
                                tile_packed(steps, a_panels.add(i * steps), b, rsb, &target);
                            } else {
                                let a = View { ptr: a.ptr.wrapping_offset(i as isize * a.rs), ..a };
                                tile_direct(steps, a, b, rsb, &target);
                            }
                        }
                    }
                }
            }
        }
    });
}
