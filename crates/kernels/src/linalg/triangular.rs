//! Solving with triangular matrices by substitution. Source: Golub, Van Loan, Matrix Computations,
//! section 3.1.

use super::{add_scaled, dot};

/// Which triangle of a matrix is read, and whether its diagonal counts as ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Triangle {
    /// The upper one.
    pub upper: bool,
    /// The diagonal is not read.
    pub unit: bool,
}

/// `b ← T⁻¹ b` for a triangle of the `n × n` matrix `a` and `k` right-hand sides, the columns of
/// `b`. Dividing by a 0 on the diagonal gives what dividing by 0 does.
pub fn solve(a: &[f64], n: usize, b: &mut [f64], k: usize, triangle: Triangle) {
    for step in 0..n {
        let i = if triangle.upper { n - 1 - step } else { step };
        let row = &a[i * n..][..n];
        let others = if triangle.upper { i + 1..n } else { 0..i };
        if k == 1 {
            b[i] -= dot(&row[others.clone()], &b[others]);
        } else {
            let (before, after) = b.split_at_mut(i * k);
            let (x, after) = after.split_at_mut(k);
            for j in others {
                let known = if triangle.upper { &after[(j - i - 1) * k..][..k] } else { &before[j * k..][..k] };
                add_scaled(-row[j], known, x);
            }
        }
        if !triangle.unit {
            b[i * k..][..k].iter_mut().for_each(|v| *v /= row[i]);
        }
    }
}
