//! Products by blocks: panels of A and B are copied so that the micro-kernel reads both in order.
//!
//! The loops nest as in Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication"
//! (ACM TOMS 34, 2008): a block of B stays in the second- or third-level cache, a block of A in the
//! second, and one panel of B in the first while all of A's panels pass by it.

use super::kernel::{SHORT, Target, strip_packed};
use super::pack::{pack_columns, pack_rows};
use super::problem::{Problem, View};
use super::scratch::with_scratch;
use adjoint_simd::Scalar;

/// Steps of `k` in a block.
pub const KC: usize = 256;
/// Rows of A in a block.
const MC: usize = 128;
/// Columns of B in a block.
const NC: usize = 1024;

/// Copies columns `j..j + cols` of B for steps `p..p + steps` into panels: the arguments are (p,
/// steps, j, cols, panels).
pub(crate) type PackB<'a, T> = &'a mut dyn FnMut(usize, usize, usize, usize, *mut T);

/// # Safety
/// The problem's views are valid; none of `m`, `n`, `k` is 0.
pub(super) unsafe fn run<T: Scalar>(p: &Problem<T>) {
    let b = p.b;
    let mut pack_b = |p0: usize, steps: usize, j: usize, cols: usize, out: *mut T| {
        let from = b.ptr.wrapping_offset(p0 as isize * b.rs + j as isize * b.cs);
        // SAFETY: the block is within B, and `run_with` gives space for its panels.
        unsafe { pack_columns(from, b, cols, steps, out) }
    };
    // SAFETY: the caller's promise.
    unsafe { run_with(p, &mut pack_b) }
}

/// The blocked product with B given by a function that fills panels, so that an operand which
/// exists only implicitly (the patches of a convolution) is never written out whole. `p.b` is not
/// looked at.
///
/// # Safety
/// As [`run`], for A and C; `pack_b` writes every element of the panels it is asked for.
pub(crate) unsafe fn run_with<T: Scalar>(p: &Problem<T>, pack_b: PackB<'_, T>) {
    let nr = 2 * T::LANES;
    let kc = even_block(p.k, KC, 1);
    let mc = even_block(p.m, MC, SHORT);
    let nc = even_block(p.n, NC, nr);
    with_scratch(mc * kc + kc * nc, |a_panels: *mut T| {
        let b_panels = a_panels.wrapping_add(mc * kc);
        for j0 in (0..p.n).step_by(nc) {
            let cols = nc.min(p.n - j0);
            for p0 in (0..p.k).step_by(kc) {
                let steps = kc.min(p.k - p0);
                pack_b(p0, steps, j0, cols, b_panels);
                // Later blocks of k add to what the first one wrote.
                let beta = if p0 == 0 { p.beta } else { T::ONE };
                for i0 in (0..p.m).step_by(mc) {
                    let rows = mc.min(p.m - i0);
                    let a = p.a.ptr.wrapping_offset(i0 as isize * p.a.rs + p0 as isize * p.a.cs);
                    let c = p.c.ptr.wrapping_offset(i0 as isize * p.c.rs + j0 as isize * p.c.cs);
                    let c = Target { c: View { ptr: c, ..p.c }, rows, cols, alpha: p.alpha, beta };
                    // SAFETY: the block is within A and C, and both panel areas hold whole panels
                    // of it.
                    unsafe {
                        let tall = pack_rows(View { ptr: a, ..p.a }, rows, steps, a_panels);
                        block(steps, a_panels, tall, b_panels, &c);
                    }
                }
            }
        }
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
