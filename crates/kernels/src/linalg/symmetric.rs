//! `A = V Λ Vᵀ` for symmetric matrices: Householder's reduction to a tridiagonal matrix, and QL
//! steps with implicit shifts on that. Source: Golub, Van Loan, Matrix Computations, sections 8.3.1
//! and 8.3.5; Dubrulle, Martin, Wilkinson, The implicit QL algorithm (1968).

use super::qr::reflection;
use super::{add_scaled, dot, two_rows};
use crate::scratch;

/// How often a step is taken for one eigenvalue before it is given up; two or three are usual.
const STEPS: usize = 60;

/// Overwrites a symmetric `n × n` matrix, of which all is read, with its eigenvectors as rows, and
/// writes the eigenvalues in ascending order. False where they did not converge, as where values
/// are not finite, or where there was no memory (see [`scratch`]).
pub fn decompose(a: &mut [f64], n: usize, values: &mut [f64]) -> bool {
    let Some(mut work) = scratch::filled(0.0, 3 * n) else { return false };
    let (off, work) = work.split_at_mut(n);
    tridiagonal(a, n, values, off, work);
    if !iterate(a, n, values, off) {
        return false;
    }
    sort(a, n, values);
    true
}

/// Overwrites `a` with Qᵀ, and writes the diagonal and what is beside it of the tridiagonal matrix
/// `T = Qᵀ A Q`.
fn tridiagonal(a: &mut [f64], n: usize, diagonal: &mut [f64], off: &mut [f64], work: &mut [f64]) {
    let (vector, p) = work.split_at_mut(n);
    for k in 0..n {
        diagonal[k] = a[k * n + k];
        if k + 1 >= n {
            continue;
        }
        // The row is the column, since A is symmetric.
        let size = n - k - 1;
        let v = &mut vector[..size];
        v.copy_from_slice(&a[k * n + k + 1..][..size]);
        let alpha = v[0];
        let (beta, tau) = reflection(alpha, &mut v[1..]);
        v[0] = 1.0;
        off[k] = beta;
        if tau != 0.0 {
            // A ← H A H = A − v wᵀ − w vᵀ, w = τ A v − (τ² vᵀ A v / 2) v.
            let p = &mut p[..size];
            for (i, p) in p.iter_mut().enumerate() {
                *p = tau * dot(&a[(k + 1 + i) * n + k + 1..][..size], v);
            }
            let half = tau / 2.0 * dot(p, v);
            add_scaled(-half, v, p);
            for i in 0..size {
                let row = &mut a[(k + 1 + i) * n + k + 1..][..size];
                add_scaled(-v[i], p, row);
                add_scaled(-p[i], v, row);
            }
        }
        // The reflection is kept where it made zeros.
        a[k * n + k] = tau;
        a[k * n + k + 1..][..size].copy_from_slice(v);
    }
    accumulate(a, n, vector);
}

/// Overwrites the reflections that [`tridiagonal`] left in the rows of `a` with
/// `Qᵀ = (H_0 H_1 ⋯)ᵀ`: from the last on, each fills the rows and columns behind its own.
fn accumulate(a: &mut [f64], n: usize, v: &mut [f64]) {
    for k in (0..n).rev() {
        let size = n - k - 1;
        let tau = a[k * n + k];
        if size > 0 {
            v[..size].copy_from_slice(&a[k * n + k + 1..][..size]);
            // Qᵀ ← Qᵀ H: rows are vectors, from which their part along v is taken.
            for i in 0..size {
                let row = &mut a[(k + 1 + i) * n + k + 1..][..size];
                let along = tau * dot(row, &v[..size]);
                add_scaled(-along, &v[..size], row);
            }
        }
        a[k * n..][..n].fill(0.0);
        a[k * n + k] = 1.0;
        for i in k + 1..n {
            a[i * n + k] = 0.0;
        }
    }
}

/// QL steps until nothing is beside the diagonal; the rows of `z` are turned alike.
fn iterate(z: &mut [f64], n: usize, d: &mut [f64], e: &mut [f64]) -> bool {
    for l in 0..n {
        let mut steps = 0;
        loop {
            let small = |m: usize| e[m].abs() <= f64::EPSILON / 2.0 * (d[m].abs() + d[m + 1].abs());
            let m = (l..n - 1).find(|&m| small(m)).unwrap_or(n - 1);
            if m == l {
                break;
            }
            steps += 1;
            if steps > STEPS || !d[l].is_finite() || !e[l].is_finite() {
                return false;
            }
            step(z, n, d, e, l, m);
        }
    }
    d.iter().all(|v| v.is_finite())
}

/// One step on the block from `l` to `m`, shifted by the eigenvalue of its first two that is nearer
/// the first.
fn step(z: &mut [f64], n: usize, d: &mut [f64], e: &mut [f64], l: usize, m: usize) {
    let slope = (d[l + 1] - d[l]) / (2.0 * e[l]);
    let root = slope.hypot(1.0);
    let mut g = d[m] - d[l] + e[l] / (slope + if slope >= 0.0 { root } else { -root });
    let (mut sine, mut cosine, mut shift) = (1.0, 1.0, 0.0);
    for i in (l..m).rev() {
        let (f, b) = (sine * e[i], cosine * e[i]);
        let r = f.hypot(g);
        e[i + 1] = r;
        if r == 0.0 {
            // The block falls apart here.
            d[i + 1] -= shift;
            e[m] = 0.0;
            return;
        }
        (sine, cosine) = (f / r, g / r);
        g = d[i + 1] - shift;
        let t = (d[i] - g) * sine + 2.0 * cosine * b;
        shift = sine * t;
        d[i + 1] = g + shift;
        g = cosine * t - b;
        let (lower, upper) = two_rows(z, n, i, i + 1);
        turn(lower, upper, cosine, sine);
    }
    d[l] -= shift;
    e[l] = g;
    e[m] = 0.0;
}

/// `x ← c x − s y`, `y ← s x + c y`.
pub(super) fn turn(x: &mut [f64], y: &mut [f64], c: f64, s: f64) {
    for (x, y) in x.iter_mut().zip(y) {
        (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
    }
}

/// Eigenvalues in ascending order, their rows with them.
fn sort(z: &mut [f64], n: usize, d: &mut [f64]) {
    for i in 0..n {
        let Some(least) = (i..n).min_by(|&a, &b| d[a].total_cmp(&d[b])) else { continue };
        if least != i {
            d.swap(i, least);
            let (x, y) = two_rows(z, n, i, least);
            x.swap_with_slice(y);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::{identity, qr::deviation};

    #[test]
    fn eigenvectors_are_orthonormal_and_give_the_matrix_back() {
        for n in [0, 1, 2, 3, 7, 20] {
            let mut a = vec![0.0; n * n];
            for i in 0..n {
                for j in 0..=i {
                    let v = ((i * 31 + j * 17) % 23) as f64 / 11.0 - 1.0;
                    (a[i * n + j], a[j * n + i]) = (v, v);
                }
            }
            let (mut z, mut d) = (a.clone(), vec![0.0; n]);
            assert!(decompose(&mut z, n, &mut d));
            assert!(n == 0 || deviation(&z, n) < 1e-13, "{n}");
            assert!(d.is_sorted());
            for i in 0..n {
                for j in 0..n {
                    let v: f64 = (0..n).map(|k| z[k * n + i] * d[k] * z[k * n + j]).sum();
                    assert!((v - a[i * n + j]).abs() < 1e-12, "{n} {i} {j}");
                }
            }
        }
    }

    #[test]
    fn a_diagonal_matrix_and_a_repeated_eigenvalue_are_exact() {
        let (mut z, mut d) = (vec![0.0; 9], vec![0.0; 3]);
        identity(&mut z, 3);
        z[4] = -2.0;
        assert!(decompose(&mut z, 3, &mut d));
        assert_eq!(d, [-2.0, 1.0, 1.0]);
        assert!(!decompose(&mut [f64::NAN, 1.0, 1.0, 0.0], 2, &mut [0.0; 2]));
    }
}
