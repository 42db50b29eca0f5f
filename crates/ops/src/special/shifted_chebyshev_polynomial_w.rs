//! The shifted Chebyshev polynomials of the fourth kind.

use crate::shared::special::polynomials::{Polynomial, chebyshev_w, polynomial};
use adjoint_autograd::OpDef;

struct ShiftedChebyshevW;

impl Polynomial for ShiftedChebyshevW {
    fn value(x: f64, n: u64) -> Option<f64> {
        chebyshev_w(2.0 * x - 1.0, n)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "shifted_chebyshev_polynomial_w",
    doc: "Returns the shifted Chebyshev polynomials of the fourth kind of degree `n` at `x`, element by element: `W_n(2x − 1)`.\n\n\
          `n` is cut to an integer; a negative one gives 0. Shapes broadcast; computed in float64, integers to float32. \
          Costs `n` steps an element outside [−1, 1]. Without a derivative. \
          Source: PyTorch, `torch.special.shifted_chebyshev_polynomial_w`; Abramowitz and Stegun, chapter 22.",
    ..polynomial::<ShiftedChebyshevW>()
}
.shipped();
