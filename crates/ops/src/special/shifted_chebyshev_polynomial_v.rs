//! The shifted Chebyshev polynomials of the third kind.

use crate::shared::special::polynomials::{Polynomial, chebyshev_v, polynomial};
use adjoint_autograd::OpDef;

struct ShiftedChebyshevV;

impl Polynomial for ShiftedChebyshevV {
    fn value(x: f64, n: u64) -> Option<f64> {
        chebyshev_v(2.0 * x - 1.0, n)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "shifted_chebyshev_polynomial_v",
    doc: "Returns the shifted Chebyshev polynomials of the third kind of degree `n` at `x`, element by element: `V_n(2x − 1)`.\n\n\
          `n` is cut to an integer; a negative one gives 0. Shapes broadcast; computed in float64, integers to float32. \
          Costs `n` steps an element outside [−1, 1]. Without a derivative. \
          Source: PyTorch, `torch.special.shifted_chebyshev_polynomial_v`; Abramowitz and Stegun, chapter 22.",
    ..polynomial::<ShiftedChebyshevV>()
}
.shipped();
