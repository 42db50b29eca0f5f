//! The micro-kernel: rows of one operand from panels, against vectors of an image found through a
//! table.
//!
//! As in the micro-kernel of products (`gemm::kernel`) eight or nine accumulators and three or four
//! operands are what an engine keeps in registers, and the loop must not be unrolled, so it counts
//! on a pointer.

use adjoint_simd::{Scalar, Vector};

/// `R` rows of `V` vectors.
type Tile<T, const R: usize, const V: usize> = [[<T as Scalar>::Vector; V]; R];

/// What a tile reads.
#[derive(Clone, Copy)]
pub(super) struct Operands<T, const V: usize> {
    /// A panel: `steps` steps of `R` elements, each to be splat, or of `R` vectors.
    pub panel: *const T,
    pub steps: usize,
    /// For each step what to add to the bases, in bytes.
    pub offsets: *const isize,
    /// Where the vectors are for an offset of 0.
    pub bases: [*const T; V],
}

/// Adds `Σ a[i] · b[j]` to each accumulator.
///
/// # Safety
/// The panel and the offsets hold the steps, and each vector that base and offset name is readable.
#[inline(always)]
unsafe fn sum<T: Scalar, const R: usize, const V: usize, const SPLAT: bool>(
    operands: &Operands<T, V>,
    sums: &mut Tile<T, R, V>,
) {
    let Operands { panel, steps, mut offsets, bases } = *operands;
    let width = if SPLAT { R } else { R * T::LANES };
    let mut a = panel;
    let end = a.wrapping_add(steps * width);
    while a != end {
        // SAFETY: iteration number p reads step p of the panel, offset p, and the vectors that the
        // caller vouches for.
        unsafe {
            let offset = *offsets;
            let b: [T::Vector; V] = core::array::from_fn(|j| T::Vector::load(bases[j].wrapping_byte_offset(offset)));
            for (i, row) in sums.iter_mut().enumerate() {
                let x = if SPLAT { T::Vector::load_splat(a.add(i)) } else { T::Vector::load(a.add(i * T::LANES)) };
                for (sum, &b) in row.iter_mut().zip(&b) {
                    *sum = x.mul_add(b, *sum);
                }
            }
            a = a.wrapping_add(width);
            offsets = offsets.add(1);
        }
    }
}

/// Sums for `R` elements a step against `V` vectors: writes vector j of row i, started from
/// `start[i]`, to `to[j] + i·row`, for `rows` rows.
///
/// # Safety
/// As [`sum`], and the vectors are writable.
#[inline(never)]
pub(super) unsafe fn outer<T: Scalar, const R: usize, const V: usize>(
    operands: &Operands<T, V>,
    start: &[T; R],
    to: &[*mut T; V],
    row: usize,
    rows: usize,
) {
    let mut sums: Tile<T, R, V> = core::array::from_fn(|i| [T::Vector::splat(start[i]); V]);
    // SAFETY: the caller's promise.
    unsafe {
        sum::<T, R, V, true>(operands, &mut sums);
        for (i, sums) in sums.iter().enumerate() {
            if i < rows {
                for (sum, to) in sums.iter().zip(to) {
                    sum.store(to.wrapping_add(i * row));
                }
            }
        }
    }
}

/// Sums for `R` vectors a step against `V` vectors, over lanes too.
///
/// # Safety
/// As [`sum`].
#[inline(never)]
pub(super) unsafe fn inner<T: Scalar, const R: usize, const V: usize>(
    operands: &Operands<T, V>,
    out: &mut [[T; V]; R],
) {
    let mut sums: Tile<T, R, V> = [[T::Vector::splat(T::ZERO); V]; R];
    // SAFETY: the caller's promise.
    unsafe { sum::<T, R, V, false>(operands, &mut sums) };
    for (sums, out) in sums.iter().zip(out) {
        for (sum, out) in sums.iter().zip(out) {
            *out = sum.sum();
        }
    }
}
