//! Integer products, by the definition: two's-complement wrapping, as PyTorch computes them.

use super::problem::{self, Matrix};
use crate::exec::{Grain, Part, for_range};

/// An integer element.
pub trait Integer: Copy + Send + Sync {
    /// 0.
    const ZERO: Self;
    /// `self + a · b`, wrapping.
    fn add_product(self, a: Self, b: Self) -> Self;
}

macro_rules! integer {
    ($($t:ident)+) => {$(
        impl Integer for $t {
            const ZERO: Self = 0;
            #[inline(always)]
            fn add_product(self, a: Self, b: Self) -> Self {
                self.wrapping_add(a.wrapping_mul(b))
            }
        }
    )+};
}

integer!(i64 i32 i16 i8 u8);

/// `C ← A · B` for integers, with A `[m, k]`, B `[k, n]` and C `[m, n]`; sums wrap around in the
/// element type.
///
/// C is written in contiguous rows, `n` apart.
///
/// **Errors**: panics when a shape reaches outside its slice.
///
/// **Cost**: `m·n·k` steps, by rows of B, which the compiler vectorizes where B's rows are
/// contiguous; no blocking.
pub fn gemm_int<T: Integer>(m: usize, n: usize, k: usize, a: Matrix<'_, T>, b: Matrix<'_, T>, c: &mut [T]) {
    a.check(m, k);
    b.check(k, n);
    problem::check_out(c.len(), [(m, n), (n, 1)]);
    if n == 0 {
        return;
    }
    let c = Part::new(&mut c[..m * n]);
    for_range(m, Grain::of(2 * n * k), &c, |range| {
        // SAFETY: ranges are disjoint.
        let rows = unsafe { c.slice(range.start * n..range.end * n) }.chunks_exact_mut(n);
        for (i, row) in range.zip(rows) {
            row.fill(T::ZERO);
            for p in 0..k {
                let x = a.get(i, p);
                match b.row(p, n) {
                    Some(b_row) => {
                        for (out, &y) in row.iter_mut().zip(b_row) {
                            *out = out.add_product(x, y);
                        }
                    }
                    None => {
                        for (j, out) in row.iter_mut().enumerate() {
                            *out = out.add_product(x, b.get(p, j));
                        }
                    }
                }
            }
        }
    });
}
