//! The Chebyshev polynomials of the second kind.

use crate::shared::special::polynomials::{Polynomial, chebyshev_u, polynomial};
use adjoint_autograd::OpDef;

struct ChebyshevU;

impl Polynomial for ChebyshevU {
    fn value(x: f64, n: u64) -> Option<f64> {
        chebyshev_u(x, n)
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "chebyshev_polynomial_u",
    doc: "Returns the Chebyshev polynomials of the second kind of degree `n` at `x`, element by element: `U_n(cos θ) = sin (n + 1)θ / sin θ`.\n\n\
          `n` is cut to an integer; a negative one gives 0. Shapes broadcast; computed in float64, integers to float32. \
          Costs `n` steps an element outside [−1, 1]. Without a derivative. \
          Source: PyTorch, `torch.special.chebyshev_polynomial_u`; Abramowitz and Stegun, chapter 22.",
    ..polynomial::<ChebyshevU>()
}
.shipped();
