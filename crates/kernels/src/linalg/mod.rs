//! Factorisations of dense matrices, row-major, in float64.
//!
//! One width serves both floating dtypes: float32 is widened, factored and rounded, which is more
//! accurate than factoring in float32 and half the code (docs/decisions/0032). None is blocked: the
//! inner loops run along rows, which are contiguous, so that the compiler makes vectors of them.
//!
//! | module | factors |
//! |---|---|
//! | [`triangular`] | solves with triangles |
//! | [`cholesky`] | `A = L Lᵀ` |
//! | [`lu`] | `P A = L U` |
//! | [`qr`] | `A = Q R`, and products of reflections |
//! | [`symmetric`] | `A = V Λ Vᵀ` |
//! | [`singular`] | `A = U S Vᵀ` |
//! | [`indefinite`] | `P A Pᵀ = L D Lᵀ` |
//! | [`exponential`] | `e^A` |

pub mod cholesky;
pub mod exponential;
pub mod indefinite;
pub mod lu;
pub mod qr;
pub mod singular;
pub mod symmetric;
pub mod triangular;

/// `Σ x_i y_i`, in four sums, so that it is vectors that are added.
pub(crate) fn dot(x: &[f64], y: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (xs, ys) = (x.chunks_exact(4), y.chunks_exact(4));
    let rest: f64 = xs.remainder().iter().zip(ys.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in xs.zip(ys) {
        for i in 0..4 {
            sums[i] += a[i] * b[i];
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

/// `y ← y + factor · x`.
pub(crate) fn add_scaled(factor: f64, x: &[f64], y: &mut [f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += factor * x;
    }
}

/// Rows `i < j` of a matrix with rows of `n`.
pub(crate) fn two_rows(a: &mut [f64], n: usize, i: usize, j: usize) -> (&mut [f64], &mut [f64]) {
    let (above, below) = a.split_at_mut(j * n);
    (&mut above[i * n..][..n], &mut below[..n])
}

/// Writes the identity, of `columns` columns and as many rows or more.
pub(crate) fn identity(a: &mut [f64], columns: usize) {
    a.fill(0.0);
    a.iter_mut().step_by(columns + 1).take(columns).for_each(|v| *v = 1.0);
}

/// The transpose of a matrix of `m` rows of `n`, into `out`.
pub fn transpose(a: &[f64], m: usize, n: usize, out: &mut [f64]) {
    for i in 0..m {
        for j in 0..n {
            out[j * m + i] = a[i * n + j];
        }
    }
}

/// `out ← a · b` for matrices of `m × k` and `k × n`.
pub(crate) fn multiply(a: &[f64], b: &[f64], out: &mut [f64], k: usize, n: usize) {
    out.fill(0.0);
    if k == 0 || n == 0 {
        return;
    }
    for (row, out) in a.chunks_exact(k).zip(out.chunks_exact_mut(n)) {
        for (&factor, b) in row.iter().zip(b.chunks_exact(n)) {
            add_scaled(factor, b, out);
        }
    }
}
