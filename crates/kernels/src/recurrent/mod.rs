//! Recurrent layers over a whole sequence: the steps of a cell forward, and back through time.
//!
//! What the inputs add to the gates is made before, as one product for all steps; here is what must
//! be done step by step: the product with the state, and the gates in one pass over it. Gradients
//! of weights are not: the derivatives of the gates are kept, so that each is one product over the
//! sequence.
//!
//! Sequences may end at different steps. Rows of all steps are stored one after the other, and a
//! step has as many rows as sequences are that long, the longest first; a state has a row for each
//! sequence, of which a step changes the first ones.

mod gru;
mod lanes;
mod lstm;
mod simple;

pub use gru::{Gru, gru, gru_backward};
pub use lanes::Squash;
pub use lstm::{Lstm, LstmGradients, lstm, lstm_backward, lstm_outputs};
pub use simple::{Activation, Simple, simple, simple_backward};

use crate::gemm::{LEAST_ROWS, Matrix, Prepared, gemm};
use adjoint_simd::Scalar;

/// A step of all sequences that last until it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its first row.
    pub first: usize,
    /// How many rows it has.
    pub rows: usize,
    /// The first row of the step that was done before it, for the rows that it had.
    pub before: usize,
    /// How many rows follow one of the step before; the others follow the initial state.
    pub carried: usize,
}

/// Writes the row before each row to `out`, `[rows, n]`: one of `x`, `[rows, n]`, or of the initial
/// state, `[sequences, n]`.
///
/// **Errors**: panics where a step has rows that an array lacks.
pub fn before<T: Copy>(steps: &[Step], x: &[T], initial: &[T], n: usize, out: &mut [T]) {
    for step in steps {
        let split = step.carried * n;
        let rows = &mut out[step.first * n..][..step.rows * n];
        rows[..split].copy_from_slice(&x[step.before * n..][..split]);
        rows[split..].copy_from_slice(&initial[split..step.rows * n]);
    }
}

/// The weight that every step multiplies a state with. Copied into the order in which products read
/// it once for all steps, where any has enough rows for that.
struct Weight<'a, T> {
    by: Matrix<'a, T>,
    inner: usize,
    columns: usize,
    prepared: Option<Prepared<T>>,
}

impl<'a, T: Scalar> Weight<'a, T> {
    /// `[inner, columns]`
    fn new(by: Matrix<'a, T>, inner: usize, columns: usize, steps: &[Step]) -> Self {
        let prepared =
            if most(steps) >= LEAST_ROWS && steps.len() > 1 { Prepared::new(by, inner, columns) } else { None };
        Weight { by, inner, columns, prepared }
    }

    /// The transpose of `w`, `[columns, inner]`.
    fn transposed(w: &'a [T], inner: usize, columns: usize, steps: &[Step]) -> Self {
        Self::new(Matrix::new(w, 1, inner), inner, columns, steps)
    }

    /// `out ← x · w + beta · out` for contiguous `x` `[rows, inner]` and `out` `[rows, columns]`.
    fn multiply(&self, rows: usize, x: &[T], beta: T, out: &mut [T]) {
        let (n, k) = (self.columns, self.inner);
        match &self.prepared {
            Some(prepared) if rows >= LEAST_ROWS => prepared.multiply(rows, x, beta, out),
            _ => gemm(rows, n, k, T::ONE, Matrix::rows(x, k), self.by, beta, &mut out[..rows * n], (n, 1)),
        }
    }
}

/// Adds the rows of a step to the first rows of a state.
fn add_rows<T: Scalar>(step: &Step, g: Option<&[T]>, n: usize, state: &mut [T]) {
    let Some(g) = g else { return };
    for (s, &g) in state.iter_mut().zip(&g[step.first * n..][..step.rows * n]) {
        *s = *s + g;
    }
}

/// The largest number of rows of a step.
fn most(steps: &[Step]) -> usize {
    steps.iter().map(|s| s.rows).max().unwrap_or(0)
}
