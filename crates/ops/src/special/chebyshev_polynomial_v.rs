//! The Chebyshev polynomials of the third kind.

use crate::shared::special::polynomials::{Polynomial, chebyshev_v, polynomial};
use adjoint_autograd::OpDef;

struct ChebyshevV;

impl Polynomial for ChebyshevV {
    fn value(x: f64, n: u64) -> Option<f64> {
        chebyshev_v(x, n)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "chebyshev_polynomial_v",
    doc: "Returns the Chebyshev polynomials of the third kind of degree `n` at `x`, element by element: `V_n(cos θ) = cos (n + ½)θ / cos ½θ`.\n\n\
          `n` is cut to an integer; a negative one gives 0. Shapes broadcast; computed in float64, integers to float32. \
          Costs `n` steps an element outside [−1, 1]. Without a derivative. \
          Source: PyTorch, `torch.special.chebyshev_polynomial_v`; Abramowitz and Stegun, chapter 22.",
    ..polynomial::<ChebyshevV>()
}
.shipped();
