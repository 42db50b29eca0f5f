//! Products by blocks: panels of A and B are copied so that the micro-kernel reads both in order.
//!
//! The loops nest as in Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication"
//! (ACM TOMS 34, 2008): a block of B stays in the second- or third-level cache, a block of A in the
//! second, and one panel of B in the first while all of A's panels pass by it.

use super::kernel::{SHORT, Target, strip_packed};
use super::pack::{pack_columns, pack_rows};
use super::problem::{Problem, View};
use super::scratch::with_scratch;
use crate::exec::{Grain, Shared, Span, for_range};
use adjoint_simd::Scalar;

/// Steps of `k` in a block.
pub const KC: usize = 256;
/// Rows of A in a block.
const MC: usize = 128;
/// Columns of B in a block.
const NC: usize = 1024;

/// Rows of C in which a range may start.
const UNIT: usize = SHORT;

/// # Safety
/// The problem's views are valid; none of `m`, `n`, `k` is 0.
pub(super) unsafe fn run<T: Scalar>(p: &Problem<T>) {
    let nr = 2 * T::LANES;
    let kc = even_block(p.k, KC, 1);
    let nc = even_block(p.n, NC, nr);
    with_scratch(kc * nc, |b_panels: *mut T| {
        for j0 in (0..p.n).step_by(nc) {
            let cols = nc.min(p.n - j0);
            for p0 in (0..p.k).step_by(kc) {
                let steps = kc.min(p.k - p0);
                // SAFETY: the block is within B, and the scratch has space for its panels.
                unsafe { copy_block(p, (p0, steps), (j0, cols), b_panels) };
                // Later blocks of k add to what the first one wrote.
                let beta = if p0 == 0 { p.beta } else { T::ONE };
                // SAFETY: a range writes its own rows of C, and all of them read B's panels.
                let shared = unsafe { Shared::new((p, b_panels.cast_const())) };
                for_range(p.m, Grain::of_multiply_adds(cols * steps).in_units(UNIT), p, |range| {
                    let (p, b_panels) = shared.get();
                    let mc = even_block(range.len(), MC, SHORT);
                    with_scratch(mc * steps, |a_panels: *mut T| {
                        for i0 in range.clone().step_by(mc) {
                            let rows = mc.min(range.end - i0);
                            let a = p.a.ptr.wrapping_offset(i0 as isize * p.a.rs + p0 as isize * p.a.cs);
                            let c = p.c.ptr.wrapping_offset(i0 as isize * p.c.rs + j0 as isize * p.c.cs);
                            let c = Target { c: View { ptr: c, ..p.c }, rows, cols, alpha: p.alpha, beta };
                            // SAFETY: the block is within A and C, and both panel areas hold whole
                            // panels of it.
                            unsafe {
                                let tall = pack_rows(View { ptr: a, ..p.a }, rows, steps, a_panels);
                                block(steps, a_panels, tall, b_panels, &c);
                            }
                        }
                    });
                });
            }
        }
    });
}

/// Copies steps `p0..` and columns `j0..` of B into panels.
///
/// # Safety
/// They are within B, and `out` has space for their panels.
unsafe fn copy_block<T: Scalar>(p: &Problem<T>, (p0, steps): (usize, usize), (j0, cols): (usize, usize), out: *mut T) {
    let nr = 2 * T::LANES;
    let panels = cols.div_ceil(nr);
    let written = Span { ptr: out.cast(), size: size_of::<T>(), shape: &[panels * nr * steps], strides: &[1] };
    // SAFETY: a range writes its own panels.
    let shared = unsafe { Shared::new((p, out)) };
    for_range(panels, Grain::of(nr * steps), &written, |range| {
        let (p, out) = shared.get();
        let first = range.start * nr;
        let count = cols.min(range.end * nr) - first;
        let from = p.b.ptr.wrapping_offset(p0 as isize * p.b.rs + (j0 + first) as isize * p.b.cs);
        // SAFETY: the caller's promise; panel number j / nr starts at j · steps.
        unsafe { pack_columns(from, p.b, count, steps, out.add(first * steps)) };
    });
}

/// The product of one block of A, `tall` rows of it in tall panels, and one of B, strip by strip.
pub(super) unsafe fn block<T: Scalar>(
    steps: usize,
    a_panels: *const T,
    tall: usize,
    b_panels: *const T,
    whole: &Target<T>,
) {
    let nr = 2 * T::LANES;
    for j in (0..whole.cols).step_by(nr) {
        let ptr = whole.c.ptr.wrapping_offset(j as isize * whole.c.cs);
        let strip = Target { c: View { ptr, ..whole.c }, cols: nr.min(whole.cols - j), ..*whole };
        // SAFETY: panel j / nr of B starts at j · steps; the strip is inside C.
        unsafe { strip_packed(steps, a_panels, tall, b_panels.add(j * steps), nr as isize, &strip) }
    }
}

/// A block size of at most `max` (rounded to whole panels of `unit`) that splits `len` evenly: 300
/// becomes 150 + 150, not 256 + 44.
fn even_block(len: usize, max: usize, unit: usize) -> usize {
    len.div_ceil(len.div_ceil(max)).next_multiple_of(unit)
}
