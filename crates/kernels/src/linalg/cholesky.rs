//! `A = L Lᵀ` row by row. Source: Golub, Van Loan, Matrix Computations, section 4.2.

use super::{dot, two_rows};

/// Overwrites the lower triangle of a symmetric matrix with its factor, and what is above with
/// zeros; the upper triangle is not read. Returns 0, or the order of the first leading minor that
/// is not positive, where it stopped.
pub fn factor(a: &mut [f64], n: usize) -> i32 {
    let mut failed = 0;
    'rows: for i in 0..n {
        for j in 0..i {
            let (upper, row) = two_rows(a, n, j, i);
            row[j] = (row[j] - dot(&row[..j], &upper[..j])) / upper[j];
        }
        let row = &mut a[i * n..][..n];
        let pivot = row[i] - dot(&row[..i], &row[..i]);
        if pivot.is_nan() || pivot <= 0.0 {
            failed = i as i32 + 1;
            break 'rows;
        }
        row[i] = pivot.sqrt();
    }
    for i in 0..n {
        a[i * n + i + 1..(i + 1) * n].fill(0.0);
    }
    failed
}
