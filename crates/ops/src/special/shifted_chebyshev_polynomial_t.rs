//! The shifted Chebyshev polynomials of the first kind.

use crate::shared::special::polynomials::{Polynomial, chebyshev_t, polynomial};
use adjoint_autograd::OpDef;

struct ShiftedChebyshevT;

impl Polynomial for ShiftedChebyshevT {
    fn value(x: f64, n: u64) -> Option<f64> {
        chebyshev_t(2.0 * x - 1.0, n)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "shifted_chebyshev_polynomial_t",
    doc: "Returns the shifted Chebyshev polynomials of the first kind of degree `n` at `x`, element by element: `T_n(2x − 1)`.\n\n\
          `n` is cut to an integer; a negative one gives 0. Shapes broadcast; computed in float64, integers to float32. \
          Costs `n` steps an element outside [−1, 1]. Without a derivative. \
          Source: PyTorch, `torch.special.shifted_chebyshev_polynomial_t`; Abramowitz and Stegun, chapter 22.",
    ..polynomial::<ShiftedChebyshevT>()
}
.shipped();
