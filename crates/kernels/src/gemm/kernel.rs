//! The micro-kernel: a tile of C, four rows by two vectors, over a run of `k`; and the same eight accumulators as eight rows by one vector
//! or two rows by four, for what is narrower.
//!
//! Eight accumulators, two vectors of B and one broadcast element of A are eleven live values, the most a WebAssembly engine keeps in
//! registers on x86 without spilling; and eight independent chains hide the latency of a fused multiply-add. The `k` loop must not be unrolled:
//! that alone costs a third (see docs/decisions/0003-gemm-tiles.md). It therefore counts on B's pointer, whose step is a run-time value, so that
//! the compiler cannot know the number of turns.

use super::problem::View;
use adjoint_simd::{Scalar, Vector};

/// Rows of a tile.
pub(super) const MR: usize = 4;
/// Elements of a tile of any form, for the widest vector: eight accumulators.
const MAX_TILE: usize = 32;

/// `R` rows of `W` vectors.
type Tile<V, const R: usize, const W: usize> = [[V; W]; R];

/// Where a tile goes: its corner in C, how much of it exists, and the factors.
#[derive(Clone, Copy)]
pub(super) struct Target<T> {
    pub c: View<*mut T>,
    pub rows: usize,
    pub cols: usize,
    pub alpha: T,
    pub beta: T,
}

/// Computes one tile, four rows by two vectors, from a packed panel of A (`MR` values a step) and rows of B `rsb` apart, and writes it to `target`.
///
/// # Safety
/// `a` holds `k` steps of a panel; `b + p·rsb` holds two vectors for each `p < k`; `rsb != 0`; `target` is writable, and readable unless its
/// `beta` is 0.
#[inline(never)]
pub(super) unsafe fn tile_packed<T: Scalar>(k: usize, a: *const T, b: *const T, rsb: isize, target: &Target<T>) {
    let mut a = a;
    let mut b = b;
    let end = b.wrapping_offset(k as isize * rsb);
    let mut acc: Tile<T::Vector, MR, 2> = [[T::Vector::splat(T::ZERO); 2]; MR];
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

/// As [`tile_packed`], for a tile of two panels of A, `k` steps apart, by one vector of B: where no more than a vector of columns is left.
///
/// # Safety
/// As [`tile_packed`], for two panels of A and one vector of B.
#[inline(never)]
pub(super) unsafe fn tile_tall<T: Scalar>(k: usize, a: *const T, b: *const T, rsb: isize, target: &Target<T>) {
    let mut panels = [a, a.wrapping_add(MR * k)];
    let mut b = b;
    let end = b.wrapping_offset(k as isize * rsb);
    let mut acc: Tile<T::Vector, { 2 * MR }, 1> = [[T::Vector::splat(T::ZERO)]; 2 * MR];
    while b != end {
        // SAFETY: turn number p reads step p of either panel and row p of B, and p < k since `rsb != 0`.
        unsafe {
            let b0 = T::Vector::load(b);
            for (i, row) in acc.iter_mut().enumerate() {
                row[0] = T::Vector::load_splat(panels[i / MR].add(i % MR)).mul_add(b0, row[0]);
            }
            panels = panels.map(|a| a.add(MR));
        }
        b = b.wrapping_offset(rsb);
    }
    // SAFETY: the caller's promise on `target`.
    unsafe { write(&acc, target) }
}

/// A tile of `R` rows by `W` vectors with A read where it lies: row `i` at step `p` is `a.ptr + i·a.rs + p·a.cs`, for `target.rows` rows.
///
/// # Safety
/// Those elements of A are readable; otherwise as [`tile_packed`], for `W` vectors of B.
#[inline(never)]
pub(super) unsafe fn tile_direct<T: Scalar, const R: usize, const W: usize>(
    k: usize,
    a: View<*const T>,
    b: *const T,
    rsb: isize,
    target: &Target<T>,
) {
    // Rows that do not exist are computed from the last one that does, and never written.
    let mut rows: [*const T; R] =
        std::array::from_fn(|i| a.ptr.wrapping_offset(i.min(target.rows - 1) as isize * a.rs));
    let mut b = b;
    let end = b.wrapping_offset(k as isize * rsb);
    let mut acc: Tile<T::Vector, R, W> = [[T::Vector::splat(T::ZERO); W]; R];
    while b != end {
        // SAFETY: turn number p reads column p of A in rows below `target.rows`, and row p of B; p < k since `rsb != 0`.
        unsafe {
            if R < W {
                let x = rows.map(|p| T::Vector::load_splat(p));
                for j in 0..W {
                    let y = T::Vector::load(b.add(j * T::LANES));
                    for (row, x) in acc.iter_mut().zip(x) {
                        row[j] = x.mul_add(y, row[j]);
                    }
                }
            } else {
                let y: [T::Vector; W] = std::array::from_fn(|j| T::Vector::load(b.add(j * T::LANES)));
                for (row, p) in acc.iter_mut().zip(&rows) {
                    let x = T::Vector::load_splat(*p);
                    for (sum, y) in row.iter_mut().zip(y) {
                        *sum = x.mul_add(y, *sum);
                    }
                }
            }
        }
        rows = rows.map(|p| p.wrapping_offset(a.cs));
        b = b.wrapping_offset(rsb);
    }
    // SAFETY: the caller's promise on `target`.
    unsafe { write(&acc, target) }
}

/// `C ← alpha · acc + beta · C` on the part of the tile that exists.
#[inline(always)]
unsafe fn write<T: Scalar, const R: usize, const W: usize>(acc: &Tile<T::Vector, R, W>, target: &Target<T>) {
    let Target { c, rows, cols, alpha, beta } = *target;
    if rows == R && cols == W * T::LANES && c.cs == 1 {
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
    let mut whole = [T::ZERO; MAX_TILE];
    for (i, row) in acc.iter().enumerate() {
        for (j, &x) in row.iter().enumerate() {
            // SAFETY: a tile is eight vectors, which fit.
            unsafe { x.store(whole.as_mut_ptr().add((W * i + j) * T::LANES)) };
        }
    }
    // SAFETY: the caller's promise on `target`.
    unsafe { write_part(&whole, W * T::LANES, target) }
}

/// The part of a tile that exists, element by element: edges of C, and C without unit stride.
#[inline(never)]
unsafe fn write_part<T: Scalar>(tile: &[T; MAX_TILE], width: usize, target: &Target<T>) {
    let Target { c, rows, cols, alpha, beta } = *target;
    for j in 0..cols {
        for i in 0..rows {
            let x = alpha * tile[i * width + j];
            // SAFETY: row i and column j exist in C.
            unsafe {
                let p = c.ptr.offset(i as isize * c.rs + j as isize * c.cs);
                *p = if beta == T::ZERO { x } else { beta.mul_add(*p, x) };
            }
        }
    }
}

/// All tiles of a block of C: packed panels of A against one strip of B, `rsb` between its rows.
///
/// # Safety
/// `a` holds the panels of `whole.rows` rows, `k` steps each; `b` two vectors a row for `k` rows; `rsb != 0`; `whole` is writable.
pub(super) unsafe fn strip_packed<T: Scalar>(k: usize, a: *const T, b: *const T, rsb: isize, whole: &Target<T>) {
    let mut i = 0;
    while i < whole.rows {
        // Eight rows by one vector do the work of two tiles, half of which would be for columns that do not exist.
        let tall = whole.cols <= T::LANES && i + MR < whole.rows;
        let height = if tall { 2 * MR } else { MR };
        let ptr = whole.c.ptr.wrapping_offset(i as isize * whole.c.rs);
        let target = Target { c: View { ptr, ..whole.c }, rows: height.min(whole.rows - i), ..*whole };
        // SAFETY: the target is the part of the tile inside C; its panels of A start at i · k.
        unsafe {
            let a = a.add(i * k);
            if tall { tile_tall(k, a, b, rsb, &target) } else { tile_packed(k, a, b, rsb, &target) }
        }
        i += height;
    }
}
