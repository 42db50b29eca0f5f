//! The probabilists' Hermite polynomials.

use crate::shared::special::polynomials::{Polynomial, polynomial, recurrence};
use adjoint_autograd::OpDef;

struct HermiteHe;

impl Polynomial for HermiteHe {
    fn value(x: f64, n: u64) -> Option<f64> {
        recurrence(n, x, |k, p, before| x * p - k * before)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "hermite_polynomial_he",
    doc: "Returns the probabilists' Hermite polynomials of degree `n` at `x`, element by element: `He_(n+1) = x He_n − n He_(n−1)`.\n\n\
          `n` is cut to an integer; a negative one gives 0. Shapes broadcast; computed in float64, integers to float32. \
          Costs `n` steps an element outside [−1, 1]. Without a derivative. \
          Source: PyTorch, `torch.special.hermite_polynomial_he`; Abramowitz and Stegun, chapter 22.",
    ..polynomial::<HermiteHe>()
}
.shipped();
