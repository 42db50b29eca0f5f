//! `A = U S Vᵀ` by a QR factorisation and Jacobi's rotations on the rows of R, which make them
//! orthogonal. Source: Golub, Van Loan, Matrix Computations, section 8.6.3; Drmač, Veselić, New fast
//! and accurate Jacobi SVD algorithm I (2008), for rotating the triangle. Small singular values are
//! as accurate as the columns allow, and equal ones are no trouble.

use super::symmetric::{self, turn};
use super::{dot, identity, multiply, qr, transpose, two_rows};
use crate::scratch;

/// Passes over all pairs before it is given up; six to ten are usual.
const SWEEPS: usize = 60;

/// From this size on the rotations start from eigenvectors: in wasm a matrix of 64 rows takes a sixth of
/// the time (docs/decisions/0032).
const ROUGH: usize = 8;

/// Which vectors are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vectors {
    /// None.
    None,
    /// As many as there are singular values.
    Reduced,
    /// Full bases of both sides.
    Full,
}

/// Writes the singular values of an `m × n` matrix in descending order, and where wanted U, of `m`
/// rows, and Vᵀ, of rows of `n`. Overwrites `a`. False where it did not converge, as where values
/// are not finite, or where there was no memory (see [`scratch`]).
pub fn decompose(
    a: &mut [f64],
    m: usize,
    n: usize,
    want: Vectors,
    s: &mut [f64],
    u: &mut [f64],
    vt: &mut [f64],
) -> bool {
    if m >= n {
        return tall(a, m, n, want, s, u, vt).is_some_and(|good| good);
    }
    wide(a, m, n, want, s, u, vt).is_some_and(|good| good)
}

/// By the transpose: `Aᵀ = V S Uᵀ`.
fn wide(a: &[f64], m: usize, n: usize, want: Vectors, s: &mut [f64], u: &mut [f64], vt: &mut [f64]) -> Option<bool> {
    let mut at = scratch::filled(0.0, m * n)?;
    transpose(a, m, n, &mut at);
    let (mut left, mut right) = (scratch::filled(0.0, vt.len())?, scratch::filled(0.0, u.len())?);
    let good = tall(&mut at, n, m, want, s, &mut left, &mut right)?;
    if want != Vectors::None {
        transpose(&left, n, left.len() / n, vt);
        transpose(&right, m, m, u);
    }
    Some(good)
}

fn tall(
    a: &mut [f64],
    m: usize,
    n: usize,
    want: Vectors,
    s: &mut [f64],
    u: &mut [f64],
    vt: &mut [f64],
) -> Option<bool> {
    let largest = a.iter().fold(0.0f64, |m, v| if v.is_nan() { f64::NAN } else { m.max(v.abs()) });
    if !largest.is_finite() || a.iter().any(|v| v.is_nan()) {
        return Some(false);
    }
    // Squares of what is scaled neither overflow nor vanish.
    let scale = if largest == 0.0 { 1.0 } else { largest };
    a.iter_mut().for_each(|v| *v /= scale);
    let (mut tau, mut work) = (scratch::filled(0.0, n)?, scratch::filled(0.0, 2 * m + n)?);
    qr::factor(a, m, n, &mut tau, &mut work);
    // R = J Σ Vᵀ: the rows of JᵀR are orthogonal.
    let mut g = scratch::filled(0.0, n * n)?;
    for i in 0..n {
        g[i * n + i..(i + 1) * n].copy_from_slice(&a[i * n + i..(i + 1) * n]);
    }
    let mut jt = scratch::filled(0.0, if want == Vectors::None && n < ROUGH { 0 } else { n * n })?;
    if n < ROUGH || roughly(&mut g, &mut jt, n, s)?.is_none() {
        identity(&mut jt, n);
    }
    if want == Vectors::None {
        jt.clear();
    }
    if !orthogonalize(&mut g, &mut jt, n)? {
        return Some(false);
    }
    for (s, row) in s.iter_mut().zip(g.chunks_exact(n.max(1))) {
        *s = dot(row, row).sqrt();
    }
    sort(s, &mut g, &mut jt, n);
    if want == Vectors::None {
        s.iter_mut().for_each(|s| *s *= scale);
        return Some(true);
    }
    let rank = s.iter().take_while(|s| **s > 0.0).count();
    for i in 0..rank {
        vt[i * n..][..n].iter_mut().zip(&g[i * n..][..n]).for_each(|(v, g)| *v = g / s[i]);
    }
    complete(vt, n, rank)?;
    s.iter_mut().for_each(|s| *s *= scale);
    // U = Q (J, and ones behind it).
    let columns = u.len() / m.max(1);
    identity(u, columns);
    for i in 0..n {
        for j in 0..n {
            u[i * columns + j] = jt[j * n + i];
        }
    }
    qr::apply(a, m, n, &tau, u, columns, &mut work);
    Some(true)
}

/// Makes rows nearly orthogonal by the eigenvectors of their products, `Jᵀ G Gᵀ J` being diagonal, so
/// that few rotations are left: small ones, since products lose the small singular values. Nothing is
/// written but `jt` where those were not found.
fn roughly(g: &mut [f64], jt: &mut [f64], n: usize, values: &mut [f64]) -> Option<Option<()>> {
    for i in 0..n {
        for j in 0..=i {
            let product = dot(&g[i * n..][..n], &g[j * n..][..n]);
            (jt[i * n + j], jt[j * n + i]) = (product, product);
        }
    }
    if !symmetric::decompose(jt, n, values) {
        return Some(None);
    }
    let mut turned = scratch::filled(0.0, n * n)?;
    multiply(jt, g, &mut turned, n, n);
    g.copy_from_slice(&turned);
    Some(Some(()))
}

/// Turns pairs of rows until all are orthogonal to working accuracy.
fn orthogonalize(g: &mut [f64], jt: &mut [f64], n: usize) -> Option<bool> {
    // What a product of rows is off by; below it a turn changes nothing but roundings.
    let close = f64::EPSILON * (n as f64).max(4.0);
    let mut squares = scratch::filled(0.0, n)?;
    for (square, row) in squares.iter_mut().zip(g.chunks_exact(n.max(1))) {
        *square = dot(row, row);
    }
    // Rows this short are what is left of nothing: every sweep would make them shorter again.
    let least = squares.iter().fold(0.0f64, |m, v| m.max(*v)).sqrt() * f64::EPSILON * f64::EPSILON;
    for _ in 0..SWEEPS {
        let mut turned = false;
        for p in 0..n {
            for q in p + 1..n {
                let (x, y) = two_rows(g, n, p, q);
                let (xx, yy, xy) = (squares[p], squares[q], dot(x, y));
                if xy.abs() <= close * xx.sqrt() * yy.sqrt() || xx.sqrt().min(yy.sqrt()) <= least {
                    continue;
                }
                turned = true;
                let zeta = (yy - xx) / (2.0 * xy);
                let t = if zeta >= 0.0 { 1.0 } else { -1.0 } / (zeta.abs() + zeta.hypot(1.0));
                let c = 1.0 / t.hypot(1.0);
                turn(x, y, c, c * t);
                (squares[p], squares[q]) = (dot(x, x), dot(y, y));
                if !jt.is_empty() {
                    let (x, y) = two_rows(jt, n, p, q);
                    turn(x, y, c, c * t);
                }
            }
        }
        if !turned {
            for (square, row) in squares.iter().zip(g.chunks_exact_mut(n.max(1))) {
                if square.sqrt() <= least {
                    row.fill(0.0);
                }
            }
            return Some(true);
        }
    }
    Some(false)
}

/// In descending order, the rows with their values.
fn sort(s: &mut [f64], g: &mut [f64], jt: &mut [f64], n: usize) {
    for i in 0..n {
        let Some(largest) = (i..n).max_by(|&a, &b| s[a].total_cmp(&s[b])) else { continue };
        if s[largest] > s[i] {
            s.swap(i, largest);
            for rows in [&mut *g, &mut *jt] {
                if !rows.is_empty() {
                    let (x, y) = two_rows(rows, n, i, largest);
                    x.swap_with_slice(y);
                }
            }
        }
    }
}

/// Rows from `rank` on, orthonormal to those in front, which are.
fn complete(vt: &mut [f64], n: usize, rank: usize) -> Option<()> {
    if rank == n {
        return Some(());
    }
    let (mut known, mut tau) = (scratch::filled(0.0, n * rank)?, scratch::filled(0.0, rank)?);
    let (mut basis, mut work) = (scratch::filled(0.0, n * n)?, scratch::filled(0.0, 2 * n)?);
    transpose(&vt[..rank * n], rank, n, &mut known);
    qr::factor(&mut known, n, rank, &mut tau, &mut work);
    qr::product(&known, n, rank, &tau, &mut basis, n, &mut work);
    for i in rank..n {
        for j in 0..n {
            vt[i * n + j] = basis[j * n + i];
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::qr::deviation;

    fn check(m: usize, n: usize, a: &[f64], full: bool) -> Vec<f64> {
        let k = m.min(n);
        let (uc, vr) = if full { (m, n) } else { (k, k) };
        let (mut s, mut u, mut vt) = (vec![0.0; k], vec![0.0; m * uc], vec![0.0; vr * n]);
        let want = if full { Vectors::Full } else { Vectors::Reduced };
        assert!(decompose(&mut a.to_vec(), m, n, want, &mut s, &mut u, &mut vt));
        let mut ut = vec![0.0; m * uc];
        transpose(&u, m, uc, &mut ut);
        assert!(deviation(&ut, m.max(1)) < 1e-13 && deviation(&vt, n.max(1)) < 1e-13, "{m} {n} {full}");
        for i in 0..m {
            for j in 0..n {
                let v: f64 = (0..k).map(|l| u[i * uc + l] * s[l] * vt[l * n + j]).sum();
                assert!((v - a[i * n + j]).abs() < 1e-12, "{m} {n} {i} {j}: {v} {}", a[i * n + j]);
            }
        }
        let mut alone = vec![0.0; k];
        assert!(decompose(&mut a.to_vec(), m, n, Vectors::None, &mut alone, &mut [], &mut []));
        assert!(alone.iter().zip(&s).all(|(a, b)| (a - b).abs() < 1e-13));
        s
    }

    #[test]
    fn vectors_are_orthonormal_and_give_the_matrix_back() {
        for (m, n) in [(0, 0), (1, 1), (3, 3), (5, 2), (2, 5), (9, 9), (12, 7), (40, 25)] {
            let a: Vec<f64> = (0..m * n).map(|i| ((i * 37 + 11) % 29) as f64 / 14.0 - 1.0).collect();
            for full in [false, true] {
                assert!(check(m, n, &a, full).is_sorted_by(|a, b| a >= b));
            }
        }
    }

    #[test]
    fn zeros_equal_values_and_deficient_ranks_have_full_bases() {
        assert_eq!(check(3, 2, &[0.0; 6], true), [0.0, 0.0]);
        assert_eq!(check(2, 2, &[0.0, 2.0, -2.0, 0.0], true), [2.0, 2.0]);
        let s = check(3, 3, &[1.0, 2.0, 3.0, 2.0, 4.0, 6.0, -1.0, -2.0, -3.0], true);
        assert!(s[1] < 1e-15 && (s[0] * s[0] - 84.0).abs() < 1e-12);
        // Of rank 2, large enough for the rough start.
        let a: Vec<f64> =
            (0..100).map(|i| ((i / 10 + 1) * (i % 10 + 1)) as f64 + f64::from(u8::from(i == 0))).collect();
        let s = check(10, 10, &a, true);
        assert!(s[2] < 1e-12 && s[1] > 0.1);
        assert!(!decompose(&mut [f64::NAN], 1, 1, Vectors::None, &mut [0.0], &mut [], &mut []));
    }
}
