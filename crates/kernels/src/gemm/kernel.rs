//! The micro-kernel: a tile of C, four rows by two vectors, over a run of `k`.
//!
//! Eight accumulators, two vectors of B and one broadcast element of A are eleven live values, the most a WebAssembly engine keeps in
//! registers on x86 without spilling; and eight independent chains hide the latency of a fused multiply-add. The `k` loop must not be unrolled:
//! that alone costs a third (see docs/decisions/0003-gemm-tiles.md). It therefore counts on B's pointer, whose step is a run-time value, so that
//! the compiler cannot know the number of turns.

use super::problem::View;
use adjoint_simd::{Scalar, Vector};

/// Rows of a tile.
pub(super) const MR: usize = 4;
/// Columns of a tile, for the widest vector; a tile of `T` has `2 · T::LANES`.
pub(super) const MAX_NR: usize = 8;

type Tile<V> = [[V; 2]; MR];

/// Where a tile goes: its corner in C, how much of it exists, and the factors.
#[derive(Clone, Copy)]
pub(super) struct Target<T> {
    pub c: View<*mut T>,
    pub rows: usize,
    pub cols: usize,
    pub alpha: T,
    pub beta: T,
}

/// Computes one tile from a packed panel of A (`MR` values a step) and rows of B `rsb` apart, and writes it to `target`.
///
/// # Safety
/// `a` holds `k` steps of a panel; `b + p·rsb` holds two vectors for each `p < k`; `rsb != 0`; `target` is writable, and readable unless its
/// `beta` is 0.
#[inline(never)]
pub(super) unsafe fn tile_packed<T: Scalar>(k: usize, a: *const T, b: *const T, rsb: isize, target: &Target<T>) {
    let mut a = a;
    let mut b = b;
    let end = b.wrapping_offset(k as isize * rsb);
    let mut acc: Tile<T::Vector> = [[T::Vector::splat(T::ZERO); 2]; MR];
    while b != end {
        // SAFETY: turn number p reads step p of the panel and row p of B, and p < k since `rsb != 0`.
        unsafe {
            let b0 = T::Vector::load(b);
            let b1 = T::Vector::load(b.add(T::LANES));
            for (i, row) in acc.iter_mut().enumerate() {
                let x = T::Vector::load_splat(a.add(i));
                row[0] = x.mul_add(b0, row[0]);
                row[1] = x.mul_add(b1, row[1]);
            }
        }
        // SAFETY: both stay within their panels, or one past the end.
        unsafe {
            a = a.add(MR);
            b = b.offset(rsb);
        }
    }
    // SAFETY: the caller's promise on `target`.
    unsafe { write(&acc, target) }
}

/// As [`tile_packed`], with A read where it lies: row `i` at step `p` is `a.ptr + i·a.rs + p·a.cs`, for `target.rows` rows.
///
/// # Safety
/// As [`tile_packed`], and those elements of A are readable.
#[inline(never)]
pub(super) unsafe fn tile_direct<T: Scalar>(k: usize, a: View<*const T>, b: *const T, rsb: isize, target: &Target<T>) {
    // Rows that do not exist are computed from the last one that does, and never written.
    let row = |i: usize| a.ptr.wrapping_offset(i.min(target.rows - 1) as isize * a.rs);
    let mut rows = [row(0), row(1), row(2), row(3)];
    let mut b = b;
    let end = b.wrapping_offset(k as isize * rsb);
    let mut acc: Tile<T::Vector> = [[T::Vector::splat(T::ZERO); 2]; MR];
    while b != end {
        // SAFETY: turn number p reads column p of A in rows below `target.rows`, and row p of B; p < k since `rsb != 0`.
        unsafe {
            let b0 = T::Vector::load(b);
            let b1 = T::Vector::load(b.add(T::LANES));
            for (row, p) in acc.iter_mut().zip(&mut rows) {
                let x = T::Vector::load_splat(*p);
                row[0] = x.mul_add(b0, row[0]);
                row[1] = x.mul_add(b1, row[1]);
                *p = p.wrapping_offset(a.cs);
            }
        }
        b = b.wrapping_offset(rsb);
    }
    // SAFETY: the caller's promise on `target`.
    unsafe { write(&acc, target) }
}

/// `C ← alpha · acc + beta · C` on the part of the tile that exists.
#[inline(always)]
unsafe fn write<T: Scalar>(acc: &Tile<T::Vector>, target: &Target<T>) {
    let Target { c, rows, cols, alpha, beta } = *target;
    if rows == MR && cols == 2 * T::LANES && c.cs == 1 {
        let (va, vb) = (T::Vector::splat(alpha), T::Vector::splat(beta));
        for (i, row) in acc.iter().enumerate() {
            for (j, &x) in row.iter().enumerate() {
                // SAFETY: the tile is whole and its rows are contiguous, so these lanes lie in C.
                unsafe {
                    let p = c.ptr.offset(i as isize * c.rs).add(j * T::LANES);
                    let x = va * x;
                    let x = if beta == T::ZERO { x } else { vb.mul_add(T::Vector::load(p), x) };
                    x.store(p);
                }
            }
        }
        return;
    }
    let mut whole = [T::ZERO; MR * MAX_NR];
    for (i, row) in acc.iter().enumerate() {
        for (j, &x) in row.iter().enumerate() {
            // SAFETY: MR rows of two vectors fit in MR · MAX_NR elements.
            unsafe { x.store(whole.as_mut_ptr().add((2 * i + j) * T::LANES)) };
        }
    }
    // SAFETY: the caller's promise on `target`.
    unsafe { write_part(&whole, target) }
}

/// The part of a tile that exists, element by element: edges of C, and C without unit stride.
#[inline(never)]
unsafe fn write_part<T: Scalar>(tile: &[T; MR * MAX_NR], target: &Target<T>) {
    let Target { c, rows, cols, alpha, beta } = *target;
    for j in 0..cols {
        for i in 0..rows {
            let x = alpha * tile[i * 2 * T::LANES + j];
            // SAFETY: row i and column j exist in C.
            unsafe {
                let p = c.ptr.offset(i as isize * c.rs + j as isize * c.cs);
                *p = if beta == T::ZERO { x } else { beta.mul_add(*p, x) };
            }
        }
    }
}
