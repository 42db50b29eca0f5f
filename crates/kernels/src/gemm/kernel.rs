//! The micro-kernel: a tile of C, some rows by two vectors, over a run of `k`; and the forms for
//! what is narrower.
//!
//! How many rows is a matter of registers, of which a WebAssembly engine on x86 has fifteen for
//! vectors: one for each accumulator, two for vectors of B, one for the broadcast element of A, and
//! one more for the product where a multiply-add is two instructions. More rows mean fewer loads
//! and fewer instructions of the loop itself for each multiply-add, and what an engine and a
//! processor shared with others can issue a cycle is the limit, as often as multiply-adds are. The
//! `k` loop must not be unrolled: that alone costs up to half, as the engine then spills (see
//! docs/decisions/0003-gemm-tiles.md, and there what to look at in the engine's code after a
//! change). It therefore counts on B's pointer, whose step is a run-time value, so that the
//! compiler cannot know the number of iterations. And it steps before it loads: an address that
//! comes out of an addition needs no widening to 64 bits, one that comes from the iteration before
//! does. A's step is hidden from the compiler, too, which otherwise adds it to each of the loads'
//! offsets.

use super::problem::View;
use adjoint_simd::{FUSED, Scalar, Vector};
use std::hint::black_box;

/// Rows of a tile.
pub(super) const MR: usize = if FUSED { 6 } else { 5 };
/// Rows of the tiles that make up for what `MR` does not divide.
pub(super) const SHORT: usize = 4;
/// Elements of a tile of any form, for the widest vector.
const MAX_TILE: usize = 2 * MR * 4;

/// `R` rows of `W` vectors.
type Tile<V, const R: usize, const W: usize> = [[V; W]; R];

/// How many tiles of [`MR`] rows, and then of [`SHORT`], cover `rows` rows with the fewest rows too
/// many: 32 is 4 · 6 + 2 · 4.
pub(super) fn heights(rows: usize) -> (usize, usize) {
    let mut total = rows;
    loop {
        let short = (0..MR).find(|short| SHORT * short <= total && (total - SHORT * short).is_multiple_of(MR));
        if let Some(short) = short {
            return ((total - SHORT * short) / MR, short);
        }
        total += 1;
    }
}

/// Where a tile goes: its corner in C, how much of it exists, and the factors.
#[derive(Clone, Copy)]
pub(super) struct Target<T> {
    pub c: View<*mut T>,
    pub rows: usize,
    pub cols: usize,
    pub alpha: T,
    pub beta: T,
}

/// Computes one tile, `R` rows by `W` vectors, from a packed panel of A (`R` values a step) and
/// rows of B `rsb` apart, and writes it to `target`.
///
/// # Safety
/// `a` holds `k` steps of a panel; `width == R`; `b + p·rsb` holds `W` vectors for each `p < k`;
/// `rsb != 0`; `target` is writable, and readable unless its `beta` is 0.
#[inline(never)]
pub(super) unsafe fn tile_packed<T: Scalar, const R: usize, const W: usize>(
    k: usize,
    a: *const T,
    width: usize,
    b: *const T,
    rsb: isize,
    target: &Target<T>,
) {
    let mut a = a.wrapping_sub(width);
    let mut b = b.wrapping_offset(-rsb);
    let end = b.wrapping_offset(k as isize * rsb);
    let mut acc: Tile<T::Vector, R, W> = [[T::Vector::splat(T::ZERO); W]; R];
    while b != end {
        a = a.wrapping_add(width);
        b = b.wrapping_offset(rsb);
        // SAFETY: iteration number p reads step p of the panel and row p of B, and p < k since `rsb
        // != 0`.
        unsafe {
            let y: [T::Vector; W] = std::array::from_fn(|j| T::Vector::load(b.add(j * T::LANES)));
            for (i, row) in acc.iter_mut().enumerate() {
                let x = T::Vector::load_splat(a.add(i));
                for (sum, y) in row.iter_mut().zip(y) {
                    *sum = x.mul_add(y, *sum);
                }
            }
        }
    }
    // SAFETY: the caller's promise on `target`.
    unsafe { write(&acc, target) }
}

/// A tile of `R` rows by `W` vectors with A read where it is stored: row `i` at step `p` is `a.ptr
/// + i·a.rs + p·a.cs`, for `target.rows` rows.
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
        std::array::from_fn(|i| a.ptr.wrapping_offset(i.min(target.rows - 1) as isize * a.rs - a.cs));
    let mut b = b.wrapping_offset(-rsb);
    let end = b.wrapping_offset(k as isize * rsb);
    let mut acc: Tile<T::Vector, R, W> = [[T::Vector::splat(T::ZERO); W]; R];
    while b != end {
        rows = rows.map(|p| p.wrapping_offset(a.cs));
        b = b.wrapping_offset(rsb);
        // SAFETY: iteration number p reads column p of A in rows below `target.rows`, and row p of
        // B; p < k since `rsb != 0`.
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
    }
    // SAFETY: the caller's promise on `target`.
    unsafe { write(&acc, target) }
}

/// `C ← alpha · acc + beta · C` on the part of the tile that exists.
#[inline(always)]
unsafe fn write<T: Scalar, const R: usize, const W: usize>(acc: &Tile<T::Vector, R, W>, target: &Target<T>) {
    let Target { c, rows, cols, alpha, beta } = *target;
    if cols == W * T::LANES && c.cs == 1 {
        let (va, vb) = (T::Vector::splat(alpha), T::Vector::splat(beta));
        for (i, row) in acc.iter().enumerate() {
            if i == rows {
                break;
            }
            for (j, &x) in row.iter().enumerate() {
                // SAFETY: row i exists, as wide as the tile and contiguous, so these lanes are in
                // C.
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
            // SAFETY: no tile has more elements.
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
/// `a` holds the panels of `whole.rows` rows, of which the first `tall` are in tall ones
/// ([`super::pack::pack_rows`]), `k` steps each; `b` two vectors a row for `k` rows; `rsb != 0`;
/// `whole` is writable.
pub(super) unsafe fn strip_packed<T: Scalar>(
    k: usize,
    a: *const T,
    tall: usize,
    b: *const T,
    rsb: isize,
    whole: &Target<T>,
) {
    let (mr, short) = (black_box(MR), black_box(SHORT));
    let mut i = 0;
    while i < whole.rows {
        let height = if i < tall { MR } else { SHORT };
        let ptr = whole.c.ptr.wrapping_offset(i as isize * whole.c.rs);
        let target = Target { c: View { ptr, ..whole.c }, rows: height.min(whole.rows - i), ..*whole };
        // SAFETY: the target is the part of the tile inside C; its panel of A starts at i · k.
        unsafe {
            let a = a.add(i * k);
            if height == SHORT {
                tile_packed::<T, SHORT, 2>(k, a, short, b, rsb, &target);
            } else if whole.cols <= T::LANES {
                tile_packed::<T, MR, 1>(k, a, mr, b, rsb, &target);
            } else {
                tile_packed::<T, MR, 2>(k, a, mr, b, rsb, &target);
            }
        }
        i += height;
    }
}
