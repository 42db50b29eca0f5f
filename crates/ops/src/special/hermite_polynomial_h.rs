//! The physicists' Hermite polynomials.

use crate::shared::special::polynomials::{Polynomial, polynomial, recurrence};
use adjoint_autograd::OpDef;

struct HermiteH;

impl Polynomial for HermiteH {
    fn value(x: f64, n: u64) -> Option<f64> {
        recurrence(n, 2.0 * x, |k, p, before| 2.0 * x * p - 2.0 * k * before)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "hermite_polynomial_h",
    doc: "Returns the physicists' Hermite polynomials of degree `n` at `x`, element by element: `H_(n+1) = 2x H_n − 2n H_(n−1)`.\n\n\
          `n` is cut to an integer; a negative one gives 0. Shapes broadcast; computed in float64, integers to float32. \
          Costs `n` steps an element outside [−1, 1]. Without a derivative. \
          Source: PyTorch, `torch.special.hermite_polynomial_h`; Abramowitz and Stegun, chapter 22.",
    ..polynomial::<HermiteH>()
}
.shipped();
