//! Matrix times vector, which reads each element of the matrix once and is bound by memory: `y ← alpha · A · x + beta · y`.
//!
//! Several rows (or columns) are taken at once, so that the loads of x (or y) are shared. How many was measured (see the decision on tiles): with two
//! vectors of each row a turn, an older engine runs out of registers for addresses and is half as fast.

use super::problem::Problem;
use super::scratch::with_scratch;
use adjoint_simd::{Scalar, Vector};

/// Rows taken at once.
const ROWS: usize = 6;
/// Columns taken at once.
const COLUMNS: usize = 4;
/// Elements of y that stay in the first-level cache while columns are added to them.
const AXPY_ROWS: usize = 2048;

/// The column of `len` elements at `x`, contiguous: x itself, or a copy in scratch.
unsafe fn contiguous<T: Scalar, R>(x: *const T, stride: isize, len: usize, f: impl FnOnce(*const T) -> R) -> R {
    if stride == 1 || len == 1 {
        return f(x);
    }
    with_scratch(len, |copy: *mut T| {
        for i in 0..len {
            // SAFETY: the caller's x has `len` elements `stride` apart, and the scratch has `len`.
            unsafe { *copy.add(i) = *x.offset(i as isize * stride) };
        }
        f(copy)
    })
}

/// Inner products of contiguous rows of A with x.
///
/// # Safety
/// The problem's views are valid, with `n == 1`, `k > 0` and contiguous rows in A.
pub(super) unsafe fn dot<T: Scalar>(p: &Problem<T>) {
    let put = |i: usize, sum: T| {
        // SAFETY: row i exists in C.
        unsafe {
            let y = p.c.ptr.offset(i as isize * p.c.rs);
            let sum = p.alpha * sum;
            *y = if p.beta == T::ZERO { sum } else { p.beta.mul_add(*y, sum) };
        }
    };
    // SAFETY: B is a column of k elements; rows i… of A exist and are contiguous.
    unsafe {
        contiguous(p.b.ptr, p.b.rs, p.k, |x| {
            let mut i = 0;
            while i + ROWS <= p.m {
                let sums = dot_rows::<T, ROWS, 1>(p.a.ptr.offset(i as isize * p.a.rs), p.a.rs, x, p.k);
                for (r, sum) in sums.into_iter().enumerate() {
                    put(i + r, sum);
                }
                i += ROWS;
            }
            while i < p.m {
                let [sum] = dot_rows::<T, 1, 8>(p.a.ptr.offset(i as isize * p.a.rs), p.a.rs, x, p.k);
                put(i, sum);
                i += 1;
            }
        });
    }
}

/// Inner products of `R` contiguous rows with x, `U` vectors of each a turn.
#[inline(never)]
unsafe fn dot_rows<T: Scalar, const R: usize, const U: usize>(
    a: *const T,
    rs: isize,
    x: *const T,
    len: usize,
) -> [T; R] {
    let mut acc = [[T::Vector::splat(T::ZERO); U]; R];
    let turn = U * T::LANES;
    let whole = len - len % turn;
    let mut rows: [*const T; R] = std::array::from_fn(|r| a.wrapping_offset(r as isize * rs));
    let mut xs = x;
    let end = x.wrapping_add(whole);
    while xs != end {
        // SAFETY: `turn` elements are left, in x and in each row.
        unsafe {
            let xv: [T::Vector; U] = std::array::from_fn(|u| T::Vector::load(xs.add(u * T::LANES)));
            for (row, acc) in rows.iter_mut().zip(&mut acc) {
                for u in 0..U {
                    acc[u] = T::Vector::load(row.add(u * T::LANES)).mul_add(xv[u], acc[u]);
                }
                *row = row.add(turn);
            }
            xs = xs.add(turn);
        }
    }
    let mut sums = acc.map(|row| {
        let mut row = row;
        let mut width = U;
        while width > 1 {
            width /= 2;
            for u in 0..width {
                row[u] = row[u] + row[u + width];
            }
        }
        row[0].sum()
    });
    for at in whole..len {
        for (r, sum) in sums.iter_mut().enumerate() {
            // SAFETY: `at < len`.
            unsafe { *sum = (*a.offset(r as isize * rs).add(at)).mul_add(*x.add(at), *sum) };
        }
    }
    sums
}

/// Adds up contiguous columns of A, each scaled by its element of x.
///
/// # Safety
/// The problem's views are valid, with `n == 1`, `k > 0` and contiguous columns in A.
pub(super) unsafe fn axpy<T: Scalar>(p: &Problem<T>) {
    let rows_at_once = AXPY_ROWS.min(p.m);
    // y is built in scratch: C may be strided, and may be uninitialised.
    with_scratch(rows_at_once, |y: *mut T| {
        for i0 in (0..p.m).step_by(rows_at_once) {
            let rows = rows_at_once.min(p.m - i0);
            // SAFETY: `rows` elements of y, and rows i0… of A and C, exist; B is a column of k elements.
            unsafe {
                for i in 0..rows {
                    *y.add(i) = T::ZERO;
                }
                let a = p.a.ptr.add(i0);
                let x = |j: usize| *p.b.ptr.offset(j as isize * p.b.rs);
                let mut j = 0;
                while j + COLUMNS <= p.k {
                    let factors = [x(j), x(j + 1), x(j + 2), x(j + 3)];
                    axpy_columns(a.offset(j as isize * p.a.cs), p.a.cs, factors, y, rows);
                    j += COLUMNS;
                }
                while j < p.k {
                    axpy_columns(a.offset(j as isize * p.a.cs), p.a.cs, [x(j)], y, rows);
                    j += 1;
                }
                for i in 0..rows {
                    let c = p.c.ptr.offset((i0 + i) as isize * p.c.rs);
                    let sum = p.alpha * *y.add(i);
                    *c = if p.beta == T::ZERO { sum } else { p.beta.mul_add(*c, sum) };
                }
            }
        }
    });
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
