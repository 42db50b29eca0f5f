//! Matrix times vector, which reads each element of the matrix once and is bound by memory: `y ←
//! alpha · A · x + beta · y`; and times a few contiguous columns.
//!
//! Several rows (or columns) are taken at once, so that the loads of x (or y) are shared. How many
//! was measured (see the decision on tiles): with two vectors of each row an iteration, an older
//! engine runs out of registers for addresses and is half as fast.

use super::problem::Problem;
use super::scratch::with_scratch;
use crate::reduce::fold::{Add, Combine, join_into};
use adjoint_simd::{Scalar, Vector};

/// Rows taken at once.
const ROWS: usize = 6;
/// Columns taken at once.
const COLUMNS: usize = 4;
/// Elements of an inner product that are added up before they join the total: so its error does not
/// grow with its length.
const CHUNK: usize = 256;
/// Columns that are added up before they join the totals.
const CHUNK_COLUMNS: usize = 64;
/// Elements of y that stay in the first-level cache while columns are added to them.
const AXPY_ROWS: usize = 2048;

/// The column of `len` elements at `x`, contiguous: x itself, or a copy in scratch.
unsafe fn contiguous<T: Scalar>(x: *const T, stride: isize, len: usize, f: impl FnOnce(*const T)) {
    if stride == 1 || len == 1 {
        return f(x);
    }
    with_scratch(len, |copy: *mut T| {
        for i in 0..len {
            // SAFETY: the caller's x has `len` elements `stride` apart, and the scratch has `len`.
            unsafe { *copy.add(i) = *x.offset(i as isize * stride) };
        }
        f(copy);
    });
}

/// Inner products of contiguous rows of A with the columns of B, of which there are few.
///
/// # Safety
/// The problem's views are valid, with `k > 0`, contiguous rows in A, and contiguous columns in B
/// unless `n == 1`.
pub(super) unsafe fn dot<T: Scalar>(p: &Problem<T>) {
    // SAFETY: the caller's promise; column j and its neighbour exist where they are asked for.
    unsafe {
        if p.n == 1 {
            return contiguous(p.b.ptr, p.b.rs, p.k, |x| dot_columns::<T, ROWS, 1, 8>(p, x, 0));
        }
        for j in (0..p.n).step_by(2) {
            let x = p.b.ptr.offset(j as isize * p.b.cs);
            if j + 1 < p.n { dot_columns::<T, 4, 2, 4>(p, x, j) } else { dot_columns::<T, ROWS, 1, 8>(p, x, j) }
        }
    }
}

/// All rows of A with `C` columns from `j` on, `R` rows at once, the rest one by one with `U`
/// vectors an iteration.
unsafe fn dot_columns<T: Scalar, const R: usize, const C: usize, const U: usize>(
    p: &Problem<T>,
    x: *const T,
    j: usize,
) {
    let put = |i: usize, sums: [T; C]| {
        for (c, sum) in sums.into_iter().enumerate() {
            // SAFETY: row i and column j + c exist in C.
            unsafe {
                let y = p.c.ptr.offset(i as isize * p.c.rs + (j + c) as isize * p.c.cs);
                let sum = p.alpha * sum;
                *y = if p.beta == T::ZERO { sum } else { p.beta.mul_add(*y, sum) };
            }
        }
    };
    let row = |i: usize| p.a.ptr.wrapping_offset(i as isize * p.a.rs);
    let mut i = 0;
    // SAFETY: rows i… of A exist and are contiguous, and so do the columns.
    unsafe {
        while i + R <= p.m {
            for (r, sums) in dot_tile::<T, R, C, 1>(row(i), p.a.rs, x, p.b.cs, p.k).into_iter().enumerate() {
                put(i + r, sums);
            }
            i += R;
        }
        while i < p.m {
            let [sums] = dot_tile::<T, 1, C, U>(row(i), p.a.rs, x, p.b.cs, p.k);
            put(i, sums);
            i += 1;
        }
    }
}

/// Inner products of `R` contiguous rows with `C` contiguous columns, `U` vectors of each an
/// iteration.
#[inline(never)]
unsafe fn dot_tile<T: Scalar, const R: usize, const C: usize, const U: usize>(
    a: *const T,
    rs: isize,
    x: *const T,
    cs: isize,
    len: usize,
) -> [[T; C]; R] {
    let zero = T::Vector::splat(T::ZERO);
    let turn = U * T::LANES;
    let whole = len - len % turn;
    let mut totals = [[[zero; 2]; C]; R];
    for start in (0..whole).step_by(CHUNK) {
        let end = (start + CHUNK).min(whole);
        // SAFETY: a chunk of whole iterations, in each row and column.
        let chunk = unsafe { dot_chunk::<T, R, C, U>(a.add(start), rs, x.add(start), cs, end - start) };
        for (totals, chunk) in totals.iter_mut().flatten().zip(chunk.into_iter().flatten()) {
            let (sum, carry) = Add::join(totals[0], totals[1], chunk);
            *totals = [sum, carry];
        }
    }
    let mut sums = totals.map(|row| row.map(|[sum, carry]| T::from_f64(Add::across::<T>(sum, carry))));
    for at in whole..len {
        for (r, sums) in sums.iter_mut().enumerate() {
            for (c, sum) in sums.iter_mut().enumerate() {
                // SAFETY: `at < len`.
                let (a, x) = unsafe { (*a.offset(r as isize * rs).add(at), *x.offset(c as isize * cs).add(at)) };
                *sum = a.mul_add(x, *sum);
            }
        }
    }
    sums
}

/// The same for a chunk of whole iterations, as vectors.
#[inline(always)]
unsafe fn dot_chunk<T: Scalar, const R: usize, const C: usize, const U: usize>(
    a: *const T,
    rs: isize,
    x: *const T,
    cs: isize,
    len: usize,
) -> [[T::Vector; C]; R] {
    let mut acc = [[[T::Vector::splat(T::ZERO); U]; C]; R];
    let turn = U * T::LANES;
    let mut rows: [*const T; R] = std::array::from_fn(|r| a.wrapping_offset(r as isize * rs));
    let mut columns: [*const T; C] = std::array::from_fn(|c| x.wrapping_offset(c as isize * cs));
    let end = x.wrapping_add(len);
    while columns[0] != end {
        // SAFETY: `iteration` elements are left, in each column and in each row.
        unsafe {
            let xs: [[T::Vector; U]; C] =
                columns.map(|x| std::array::from_fn(|u| T::Vector::load(x.add(u * T::LANES))));
            for (row, acc) in rows.iter().zip(&mut acc) {
                for u in 0..U {
                    let a = T::Vector::load(row.add(u * T::LANES));
                    for (acc, x) in acc.iter_mut().zip(&xs) {
                        acc[u] = a.mul_add(x[u], acc[u]);
                    }
                }
            }
            rows = rows.map(|p| p.add(turn));
            columns = columns.map(|p| p.add(turn));
        }
    }
    acc.map(|row| {
        row.map(|mut parts| {
            let mut width = U;
            while width > 1 {
                width /= 2;
                for u in 0..width {
                    parts[u] = parts[u] + parts[u + width];
                }
            }
            parts[0]
        })
    })
}

/// Adds up contiguous columns of A, each scaled by its element of x.
///
/// # Safety
/// The problem's views are valid, with `n == 1`, `k > 0` and contiguous columns in A.
pub(super) unsafe fn axpy<T: Scalar>(p: &Problem<T>) {
    let rows_at_once = AXPY_ROWS.min(p.m);
    // y is built in scratch: C may be strided, and may be uninitialized.
    with_scratch(3 * rows_at_once, |y: *mut T| {
        let (total, carry) = (y.wrapping_add(rows_at_once), y.wrapping_add(2 * rows_at_once));
        for i0 in (0..p.m).step_by(rows_at_once) {
            let rows = rows_at_once.min(p.m - i0);
            // SAFETY: `rows` elements of y, total and carry, and rows i0… of A and C, exist; B is a
            // column of k elements.
            unsafe {
                for part in [y, total, carry] {
                    for i in 0..rows {
                        *part.add(i) = T::ZERO;
                    }
                }
                let a = p.a.ptr.add(i0);
                let x = |j: usize| *p.b.ptr.offset(j as isize * p.b.rs);
                let mut j = 0;
                while j + COLUMNS <= p.k {
                    if j > 0 && j % CHUNK_COLUMNS == 0 {
                        join(total, carry, y, rows);
                    }
                    let factors = [x(j), x(j + 1), x(j + 2), x(j + 3)];
                    axpy_columns(a.offset(j as isize * p.a.cs), p.a.cs, factors, y, rows);
                    j += COLUMNS;
                }
                while j < p.k {
                    axpy_columns(a.offset(j as isize * p.a.cs), p.a.cs, [x(j)], y, rows);
                    j += 1;
                }
                join(total, carry, y, rows);
                for i in 0..rows {
                    let c = p.c.ptr.offset((i0 + i) as isize * p.c.rs);
                    let sum = p.alpha * Add::finish(*total.add(i), *carry.add(i));
                    *c = if p.beta == T::ZERO { sum } else { p.beta.mul_add(*c, sum) };
                }
            }
        }
    });
}

/// Moves what is in `part` to the totals.
unsafe fn join<T: Scalar>(total: *mut T, carry: *mut T, part: *mut T, len: usize) {
    // SAFETY: all have `len` elements.
    unsafe {
        join_into::<T, Add>(total, carry, part, len);
        for i in 0..len {
            *part.add(i) = T::ZERO;
        }
    }
}

/// `y ← y + Σ_r factors[r] · column r`, over `len` elements.
#[inline(never)]
unsafe fn axpy_columns<T: Scalar, const R: usize>(a: *const T, cs: isize, factors: [T; R], y: *mut T, len: usize) {
    let vectors = factors.map(T::Vector::splat);
    let mut at = 0;
    while at + T::LANES <= len {
        // SAFETY: one vector from `at` is within `len`, in y and in each column.
        unsafe {
            let mut acc = T::Vector::load(y.add(at));
            for (r, &factor) in vectors.iter().enumerate() {
                acc = T::Vector::load(a.offset(r as isize * cs).add(at)).mul_add(factor, acc);
            }
            acc.store(y.add(at));
        }
        at += T::LANES;
    }
    while at < len {
        for (r, &factor) in factors.iter().enumerate() {
            // SAFETY: `at < len`.
            unsafe { *y.add(at) = (*a.offset(r as isize * cs).add(at)).mul_add(factor, *y.add(at)) };
        }
        at += 1;
    }
}
