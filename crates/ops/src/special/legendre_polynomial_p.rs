//! The Legendre polynomials.

use crate::shared::special::polynomials::{Polynomial, polynomial, recurrence};
use adjoint_autograd::OpDef;

struct Legendre;

impl Polynomial for Legendre {
    fn value(x: f64, n: u64) -> Option<f64> {
        recurrence(n, x, |k, p, before| ((2.0 * k + 1.0) * x * p - k * before) / (k + 1.0))
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "legendre_polynomial_p",
    doc: "Returns the Legendre polynomials of degree `n` at `x`, element by element: `(n + 1) P_(n+1) = (2n + 1) x P_n − n P_(n−1)`.\n\n\
          `n` is cut to an integer; a negative one gives 0. Shapes broadcast; computed in float64, integers to float32. \
          Costs `n` steps an element outside [−1, 1]. Without a derivative. \
          Source: PyTorch, `torch.special.legendre_polynomial_p`; Abramowitz and Stegun, chapter 22.",
    ..polynomial::<Legendre>()
}
.shipped();
