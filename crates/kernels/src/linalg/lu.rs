//! `P A = L U` with the largest pivot of each column. Source: Golub, Van Loan, Matrix Computations,
//! section 3.4; the form of pivots and of what is returned is LAPACK's `getrf`.

use super::triangular::{self, Triangle};
use super::{add_scaled, two_rows};

/// Overwrites an `m × n` matrix with the factors: U on and above the diagonal, below it L, whose
/// diagonal is ones. `pivots[k]` is the row, from 1, that row `k` was exchanged with. Returns 0, or
/// the first diagonal element of U, from 1, that is 0.
pub fn factor(a: &mut [f64], m: usize, n: usize, pivots: &mut [i32]) -> i32 {
    let mut zero = 0;
    for k in 0..m.min(n) {
        let mut best = k;
        for i in k + 1..m {
            if a[i * n + k].abs() > a[best * n + k].abs() {
                best = i;
            }
        }
        pivots[k] = best as i32 + 1;
        if best != k {
            let (x, y) = two_rows(a, n, k, best);
            x.swap_with_slice(y);
        }
        let pivot = a[k * n + k];
        if pivot == 0.0 {
            if zero == 0 {
                zero = k as i32 + 1;
            }
            continue;
        }
        for i in k + 1..m {
            let (top, row) = two_rows(a, n, k, i);
            let factor = row[k] / pivot;
            row[k] = factor;
            if factor != 0.0 {
                add_scaled(-factor, &top[k + 1..], &mut row[k + 1..]);
            }
        }
    }
    zero
}

/// The order of rows that pivots make: row `i` of `P A` is row `order[i]` of A.
pub fn order(pivots: &[i32], order: &mut [i64]) {
    order.iter_mut().zip(0..).for_each(|(place, i)| *place = i);
    for (k, &pivot) in pivots.iter().enumerate() {
        order.swap(k, pivot as usize - 1);
    }
}

/// `b ← A⁻¹ b` from the factors of an `n × n` matrix, for `k` right-hand sides, the columns of `b`.
pub fn solve(lu: &[f64], n: usize, pivots: &[i32], b: &mut [f64], k: usize) {
    for (i, &pivot) in pivots.iter().enumerate() {
        let other = pivot as usize - 1;
        if other != i && k > 0 {
            let (x, y) = two_rows(b, k, i, other);
            x.swap_with_slice(y);
        }
    }
    triangular::solve(lu, n, b, k, Triangle { upper: false, unit: true });
    triangular::solve(lu, n, b, k, Triangle { upper: true, unit: false });
}

/// Whether the pivots exchange an odd number of times.
pub fn is_odd(pivots: &[i32]) -> bool {
    pivots.iter().zip(1..).filter(|(pivot, i)| *pivot != i).count() % 2 == 1
}
