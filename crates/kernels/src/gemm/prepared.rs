//! A right factor that many products share: its panels are copied once.

use super::kernel::Target;
use super::pack::{pack_columns, pack_rows};
use super::packed::{KC, block};
use super::problem::{Matrix, View};
use super::scratch::with_scratch;
use crate::exec::{Grain, Part, Shared, for_range};
use crate::scratch;
use adjoint_simd::Scalar;

/// Rows of A from which on panels pay: below, most of a tile would be rows that do not exist.
pub(crate) const LEAST_ROWS: usize = 4;
/// Rows of A in a block.
const MC: usize = 128;

/// B `[k, n]` in panels, one block of `k` behind the other.
pub(crate) struct Prepared<T> {
    panels: Vec<T>,
    k: usize,
    n: usize,
}

impl<T: Scalar> Prepared<T> {
    /// Copies `b`, `[k, n]`; none where there is no memory for it, of which [`scratch`] tells.
    ///
    /// # Panics
    /// If `b` has fewer elements.
    pub fn new(b: Matrix<'_, T>, k: usize, n: usize) -> Option<Self> {
        b.check(k, n);
        let b = b.view();
        let width = n.next_multiple_of(2 * T::LANES);
        let mut panels = scratch::filled(T::ZERO, k * width)?;
        for p in (0..k).step_by(KC) {
            let from = b.ptr.wrapping_offset(p as isize * b.rs);
            // SAFETY: the steps from p on are within B; the blocks before take p rows of whole
            // panels.
            unsafe { pack_columns(from, b, n, KC.min(k - p), panels.as_mut_ptr().add(p * width)) };
        }
        Some(Prepared { panels, k, n })
    }

    /// `c ← a · b + beta · c` for contiguous rows: `a` `[m, k]`, `c` `[m, n]`.
    ///
    /// # Panics
    /// If `a` or `c` has fewer elements.
    pub fn multiply(&self, m: usize, a: &[T], beta: T, c: &mut [T]) {
        let (k, n) = (self.k, self.n);
        let written = Part::new(&mut c[..m * n]);
        // SAFETY: a range writes its own rows of c.
        let pointers = unsafe { Shared::new((a[..m * k].as_ptr(), written.as_mut_ptr())) };
        for_range(m, Grain::of_multiply_adds(n * k).in_units(4), &written, |rows| {
            let (a, c) = pointers.get();
            // SAFETY: these rows are inside both, as was just checked.
            unsafe { self.multiply_rows(rows.len(), a.add(rows.start * k), beta, c.add(rows.start * n)) };
        });
    }

    /// # Safety
    /// `a` has `m` rows of `k` readable elements, `c` `m` rows of `n` writable ones.
    #[inline(always)]
    unsafe fn multiply_rows(&self, m: usize, a: *const T, beta: T, c: *mut T) {
        let (k, n) = (self.k, self.n);
        let width = n.next_multiple_of(2 * T::LANES);
        let rows_most = MC.min(m).next_multiple_of(4);
        // A short panel may follow tall ones.
        with_scratch((rows_most + 4) * KC.min(k), |a_panels: *mut T| {
            for p in (0..k).step_by(KC) {
                let steps = KC.min(k - p);
                let beta = if p == 0 { beta } else { T::ONE };
                for i in (0..m).step_by(MC) {
                    let rows = MC.min(m - i);
                    let target = Target {
                        c: View::new(c.wrapping_add(i * n), n as isize, 1),
                        rows,
                        cols: n,
                        alpha: T::ONE,
                        beta,
                    };
                    // SAFETY: rows i.. and steps p.. are within A, the rows within C, and both
                    // areas hold whole panels of them.
                    unsafe {
                        let tall = pack_rows(View::new(a.add(i * k + p), k as isize, 1), rows, steps, a_panels);
                        block(steps, a_panels, tall, self.panels.as_ptr().add(p * width), &target);
                    }
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gemm::gemm;

    #[test]
    fn products_with_prepared_panels_are_those_of_gemm() {
        for (m, n, k) in [(4, 8, 3), (5, 7, 300), (32, 20, 16), (131, 9, 257), (6, 1, 1)] {
            let value = |i: usize| ((i * 37 + 11) % 23) as f32 / 8.0 - 1.0;
            let a: Vec<f32> = (0..m * k).map(value).collect();
            let b: Vec<f32> = (0..n * k).map(|i| value(i + 5)).collect();
            let mut expected: Vec<f32> = (0..m * n).map(|i| value(i + 9)).collect();
            let mut got = expected.clone();
            let bt = Matrix::new(&b, 1, k);
            gemm(m, n, k, 1.0, Matrix::rows(&a, k), bt, 1.0, &mut expected, (n, 1));
            Prepared::new(bt, k, n).unwrap().multiply(m, &a, 1.0, &mut got);
            for (x, y) in got.iter().zip(&expected) {
                assert!((x - y).abs() <= 1e-3, "{m} {n} {k}: {x} against {y}");
            }
        }
    }
}
