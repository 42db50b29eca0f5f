//! Down columns, with memory read row after row.
//!
//! [`ROWS`] rows are combined pairwise in registers, some such groups make a block, and blocks join
//! the totals.

use super::{Aux, Combine, Map};
use adjoint_simd::{Scalar, Vector};
use core::array::from_fn;
use std::mem::MaybeUninit;

/// Rows combined in registers before they meet memory.
const ROWS: usize = 4;
/// Groups of rows in a block of a short axis, where a block's own roundings are seen.
const FEW: usize = 8;
/// Groups of rows in a block of a long one, where they average out.
const MANY: usize = 16;
/// Rows from which on an axis is long.
const LONG: usize = 256;
/// Columns taken at once: four rows of a page each, which is how memory is read fastest, while
/// partial results stay in the first-level cache.
pub(crate) const COLUMNS: usize = 1024;

/// Columns up to which a block of rows is so small that the order of reading does not matter: then
/// partial results stay in registers.
const NARROW: usize = 128;

/// Partial results of a tile: those of each number that the map gives behind one another.
type Partial<T, const K: usize> = [MaybeUninit<[T; COLUMNS]>; K];

/// Reduces `n` rows of `width` neighbouring elements, `stride` apart, to one row.
///
/// # Safety
/// Those elements of `x` are readable and `width <= COLUMNS` elements of `out` writable; `aux` has
/// `width` elements where `M::AUX` is `Value`, and is laid out as `x` where it is `Stream`.
pub(crate) unsafe fn fold_columns<T: Scalar, C: Combine, M: Map<T>>(
    x: *const T,
    aux: *const T,
    n: usize,
    stride: usize,
    width: usize,
    out: *mut T,
) {
    let mut carry = MaybeUninit::<[T; COLUMNS]>::uninit();
    let carry = carry.as_mut_ptr().cast::<T>();
    // SAFETY: the caller's promise; the carry is written where it is said to be.
    unsafe {
        if fold_blocks::<T, C, M, 1>(x, aux, n, stride, width, [out], [carry]) {
            for c in 0..width {
                *out.add(c) = C::finish(*out.add(c), *carry.add(c));
            }
        }
    }
}

/// The same for every number that the map gives: calls `put` with the results of each column,
/// before the last rounding.
///
/// # Safety
/// As [`fold_columns`].
pub(crate) unsafe fn fold_columns_wide<T: Scalar, C: Combine, M: Map<T, K>, const K: usize>(
    x: *const T,
    aux: *const T,
    n: usize,
    stride: usize,
    width: usize,
    mut put: impl FnMut(usize, [f64; K]),
) {
    let mut total: Partial<T, K> = [const { MaybeUninit::uninit() }; K];
    let mut carry: Partial<T, K> = [const { MaybeUninit::uninit() }; K];
    let (total, carry) = (pointers(&mut total), pointers(&mut carry));
    // SAFETY: the caller's promise; the carries are written where they are said to be.
    unsafe {
        let joined = fold_blocks::<T, C, M, K>(x, aux, n, stride, width, total, carry);
        for c in 0..width {
            put(
                c,
                from_fn(|k| {
                    let total = (*total[k].add(c)).to_f64();
                    if joined { C::finish(total, (*carry[k].add(c)).to_f64()) } else { total }
                }),
            );
        }
    }
}

fn pointers<T, const K: usize>(partial: &mut Partial<T, K>) -> [*mut T; K] {
    partial.each_mut().map(|p| p.as_mut_ptr().cast())
}

/// Reduces all rows to totals and, where there are several blocks, what they carry; says whether
/// there are.
unsafe fn fold_blocks<T: Scalar, C: Combine, M: Map<T, K>, const K: usize>(
    x: *const T,
    aux: *const T,
    n: usize,
    stride: usize,
    width: usize,
    total: [*mut T; K],
    carry: [*mut T; K],
) -> bool {
    debug_assert!(width <= COLUMNS, "partial results have room for COLUMNS");
    let mut block: Partial<T, K> = [const { MaybeUninit::uninit() }; K];
    let block = pointers(&mut block);
    let size = ROWS * M::GROUPS.min(if n < LONG { FEW } else { MANY });
    // SAFETY: rows below n are read, `width` elements each; a partial result is read after it was
    // written.
    unsafe {
        let fold = |row: usize, to: [*mut T; K]| {
            let aux = if M::AUX == Aux::Stream { aux.wrapping_add(row * stride) } else { aux };
            fold_block::<T, C, M, K>(x.wrapping_add(row * stride), aux, size.min(n - row), stride, width, to);
        };
        fold(0, total);
        if n <= size {
            return false;
        }
        for carry in carry {
            for c in 0..width {
                *carry.add(c) = T::ZERO;
            }
        }
        for row in (size..n).step_by(size) {
            fold(row, block);
            for k in 0..K {
                join_into::<T, C>(total[k], carry[k], block[k], width);
            }
        }
    }
    true
}

/// Joins a block to the totals.
///
/// # Safety
/// All have `width` elements.
#[inline(never)]
pub(crate) unsafe fn join_into<T: Scalar, C: Combine>(total: *mut T, carry: *mut T, block: *const T, width: usize) {
    let mut c = 0;
    // SAFETY: all have `width` elements.
    unsafe {
        while c + T::LANES <= width {
            let load = |p: *const T| T::Vector::load(p.add(c));
            let (sum, rest) = C::join(load(total), load(carry), load(block));
            sum.store(total.add(c));
            rest.store(carry.add(c));
            c += T::LANES;
        }
        while c < width {
            let load = |p: *const T| T::Vector::load_splat(p.add(c));
            let (sum, rest) = C::join(load(total), load(carry), load(block));
            *total.add(c) = sum.lane(0);
            *carry.add(c) = rest.lane(0);
            c += 1;
        }
    }
}

/// Reduces up to a block of rows; there may be none.
unsafe fn fold_block<T: Scalar, C: Combine, M: Map<T, K>, const K: usize>(
    x: *const T,
    aux: *const T,
    rows: usize,
    stride: usize,
    width: usize,
    out: [*mut T; K],
) {
    // SAFETY: as `fold_columns`.
    unsafe {
        if rows == 0 {
            for out in out {
                for c in 0..width {
                    *out.add(c) = C::identity();
                }
            }
        }
        if width <= NARROW && rows > 0 {
            return narrow_block::<T, C, M, K>(x, aux, rows, stride, width, out);
        }
        for row in (0..rows).step_by(ROWS) {
            let aux = if M::AUX == Aux::Stream { aux.wrapping_add(row * stride) } else { aux };
            let from = x.add(row * stride);
            // The number of rows and whether they are the first as constants, so that the loops
            // have neither.
            match (rows - row >= ROWS, row == 0) {
                (true, true) => add_rows::<T, C, M, K, ROWS, true>(from, aux, stride, width, out),
                (true, false) => add_rows::<T, C, M, K, ROWS, false>(from, aux, stride, width, out),
                (false, first) => {
                    for r in 0..rows - row {
                        let aux = if M::AUX == Aux::Stream { aux.wrapping_add(r * stride) } else { aux };
                        let from = from.add(r * stride);
                        if first && r == 0 {
                            add_rows::<T, C, M, K, 1, true>(from, aux, stride, width, out);
                        } else {
                            add_rows::<T, C, M, K, 1, false>(from, aux, stride, width, out);
                        }
                    }
                }
            }
        }
    }
}

/// Reduces up to a block of short rows, column after column.
#[inline(never)]
unsafe fn narrow_block<T: Scalar, C: Combine, M: Map<T, K>, const K: usize>(
    x: *const T,
    aux: *const T,
    rows: usize,
    stride: usize,
    width: usize,
    out: [*mut T; K],
) {
    let whole = width - width % T::LANES;
    // SAFETY: as `fold_columns`.
    unsafe {
        let mut c = 0;
        while c < whole {
            let sums = all_down::<T, C, M, K>(x, aux, rows, stride, c, |p| T::Vector::load(p));
            for (out, sum) in out.into_iter().zip(sums) {
                sum.store(out.add(c));
            }
            c += T::LANES;
        }
        while c < width {
            let sums = all_down::<T, C, M, K>(x, aux, rows, stride, c, |p| T::Vector::load_splat(p));
            for (out, sum) in out.into_iter().zip(sums) {
                *out.add(c) = sum.lane(0);
            }
            c += 1;
        }
    }
}

/// All rows of a block down a column (or a vector of columns).
#[inline(always)]
unsafe fn all_down<T: Scalar, C: Combine, M: Map<T, K>, const K: usize>(
    x: *const T,
    aux: *const T,
    rows: usize,
    stride: usize,
    c: usize,
    load: impl Fn(*const T) -> T::Vector + Copy,
) -> [T::Vector; K] {
    let mut sums = [T::Vector::splat(C::identity()); K];
    let mut row = 0;
    while row < rows {
        let aux = if M::AUX == Aux::Stream { aux.wrapping_add(row * stride) } else { aux };
        let x = x.wrapping_add(row * stride + c);
        // SAFETY: the caller has these rows.
        let found = unsafe {
            if row + ROWS <= rows {
                row += ROWS;
                down::<T, C, M, K, ROWS>(x, aux, c, stride, load)
            } else {
                row += 1;
                down::<T, C, M, K, 1>(x, aux, c, stride, load)
            }
        };
        sums = from_fn(|k| C::combine(sums[k], found[k]));
    }
    sums
}

/// Combines `R` rows into `out`, or writes them there where they are the first.
#[inline(never)]
unsafe fn add_rows<T: Scalar, C: Combine, M: Map<T, K>, const K: usize, const R: usize, const FIRST: bool>(
    x: *const T,
    aux: *const T,
    stride: usize,
    width: usize,
    out: [*mut T; K],
) {
    let whole = width - width % T::LANES;
    // In registers: what is written through one pointer could be the array of pointers otherwise.
    let out = out.map(core::convert::identity);
    // SAFETY: as `fold_columns`; a vector that starts below `whole` ends within `width`.
    unsafe {
        let mut c = 0;
        while c < whole {
            let load = |p: *const T| T::Vector::load(p);
            let sums = down::<T, C, M, K, R>(x.wrapping_add(c), aux, c, stride, load);
            for k in 0..K {
                let sum = if FIRST { sums[k] } else { C::combine(load(out[k].add(c)), sums[k]) };
                sum.store(out[k].add(c));
            }
            c += T::LANES;
        }
        while c < width {
            let load = |p: *const T| T::Vector::load_splat(p);
            let sums = down::<T, C, M, K, R>(x.wrapping_add(c), aux, c, stride, load);
            for k in 0..K {
                let sum = if FIRST { sums[k] } else { C::combine(load(out[k].add(c)), sums[k]) };
                *out[k].add(c) = sum.lane(0);
            }
            c += 1;
        }
    }
}

/// `R` elements down a column (or a vector of columns), combined pairwise.
#[inline(always)]
unsafe fn down<T: Scalar, C: Combine, M: Map<T, K>, const K: usize, const R: usize>(
    x: *const T,
    aux: *const T,
    c: usize,
    stride: usize,
    load: impl Fn(*const T) -> T::Vector,
) -> [T::Vector; K] {
    let at = |r: usize| {
        let a = match M::AUX {
            Aux::None => T::Vector::splat(T::ZERO),
            Aux::Value => load(aux.wrapping_add(c)),
            Aux::Stream => load(aux.wrapping_add(c + r * stride)),
        };
        M::map(load(x.wrapping_add(r * stride)), a)
    };
    let both = |x: [T::Vector; K], y: [T::Vector; K]| -> [T::Vector; K] { from_fn(|k| C::combine(x[k], y[k])) };
    if R == ROWS { both(both(at(0), at(1)), both(at(2), at(3))) } else { at(0) }
}
