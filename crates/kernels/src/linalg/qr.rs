//! `A = Q R` by Householder's reflections. Source: Golub, Van Loan, Matrix Computations, section
//! 5.2; the form of the reflections is LAPACK's `geqrf`: `H_j = I − τ_j v_j v_jᵀ`, the leading 1 of
//! `v_j` not stored.

use super::{add_scaled, identity};

/// The reflection that takes `(alpha, rest)` to `(beta, 0)`: beta and τ. Overwrites `rest` with
/// what is below the leading 1 of v. τ is 0 where nothing is to be done.
pub(super) fn reflection(alpha: f64, rest: &mut [f64]) -> (f64, f64) {
    let largest = rest.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    if largest == 0.0 {
        return (alpha, 0.0);
    }
    let scale = largest.max(alpha.abs());
    let sum: f64 = rest.iter().map(|v| (v / scale) * (v / scale)).sum();
    let norm = scale * ((alpha / scale) * (alpha / scale) + sum).sqrt();
    let beta = if alpha >= 0.0 { -norm } else { norm };
    rest.iter_mut().for_each(|v| *v /= alpha - beta);
    (beta, (beta - alpha) / beta)
}

/// Rows from `j` of `c`, whose rows have `n` elements, reflected in their columns from `first`:
/// `c ← c − τ v (vᵀ c)`. `sums` is scratch for a row.
fn reflect(v: &[f64], tau: f64, c: &mut [f64], n: usize, first: usize, sums: &mut [f64]) {
    if tau == 0.0 {
        return;
    }
    let sums = &mut sums[first..n];
    sums.fill(0.0);
    for (&v, row) in v.iter().zip(c.chunks_exact(n)) {
        add_scaled(v, &row[first..], sums);
    }
    for (&v, row) in v.iter().zip(c.chunks_exact_mut(n)) {
        add_scaled(-tau * v, sums, &mut row[first..]);
    }
}

/// v_j of a factored `m × n` matrix, with its leading 1, into `v`.
fn vector(a: &[f64], m: usize, n: usize, j: usize, v: &mut [f64]) {
    v[0] = 1.0;
    for i in j + 1..m {
        v[i - j] = a[i * n + j];
    }
}

/// Overwrites an `m × n` matrix with R on and above the diagonal and the vectors of the reflections
/// below; τ goes to `tau`, of the smaller of `m` and `n`. `scratch` has `m + n` elements.
pub fn factor(a: &mut [f64], m: usize, n: usize, tau: &mut [f64], scratch: &mut [f64]) {
    let (v, sums) = scratch.split_at_mut(m);
    for j in 0..m.min(n) {
        vector(a, m, n, j, v);
        let (beta, t) = reflection(a[j * n + j], &mut v[1..m - j]);
        tau[j] = t;
        if j + 1 < n {
            reflect(&v[..m - j], t, &mut a[j * n..], n, j + 1, sums);
        }
        a[j * n + j] = beta;
        for i in j + 1..m {
            a[i * n + j] = v[i - j];
        }
    }
}

/// The first `columns` columns of `H_1 ⋯ H_k`, into `q` of `m` rows, from the vectors below the
/// diagonal of `a`, which is `m × n`, k being the length of `tau`. `scratch` has `m + columns`
/// elements.
pub fn product(a: &[f64], m: usize, n: usize, tau: &[f64], q: &mut [f64], columns: usize, scratch: &mut [f64]) {
    identity(q, columns);
    // Columns in front are still those of the identity, and 0 in the rows that are reflected.
    each(a, m, n, tau, q, columns, scratch, |j| j.min(columns));
}

/// `c ← H_1 ⋯ H_k c` for `columns` columns, the reflections as in [`product`].
pub fn apply(a: &[f64], m: usize, n: usize, tau: &[f64], c: &mut [f64], columns: usize, scratch: &mut [f64]) {
    each(a, m, n, tau, c, columns, scratch, |_| 0);
}

/// Reflects `c` by all from the last on, each in the columns from `first(j)`.
#[expect(clippy::too_many_arguments, reason = "two matrices with their sizes")]
fn each(
    a: &[f64],
    m: usize,
    n: usize,
    tau: &[f64],
    c: &mut [f64],
    columns: usize,
    scratch: &mut [f64],
    first: impl Fn(usize) -> usize,
) {
    if columns == 0 {
        return;
    }
    let (v, sums) = scratch.split_at_mut(m);
    for (j, &tau) in tau.iter().enumerate().rev() {
        vector(a, m, n, j, v);
        reflect(&v[..m - j], tau, &mut c[j * columns..], columns, first(j), sums);
    }
}

/// The largest deviation of the rows of `a` from an orthonormal set, for tests.
#[cfg(test)]
pub(super) fn deviation(a: &[f64], n: usize) -> f64 {
    let rows: Vec<&[f64]> = a.chunks_exact(n).collect();
    let mut worst = 0.0f64;
    for (i, x) in rows.iter().enumerate() {
        for (j, y) in rows.iter().enumerate() {
            worst = worst.max((super::dot(x, y) - f64::from(u8::from(i == j))).abs());
        }
    }
    worst
}
