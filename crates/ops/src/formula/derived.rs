//! The gradient of a formula, from the formula.

use super::nothing;
use adjoint_kernels::algebra::{Algebra, Dual};
use std::array::from_fn;

/// An operand as it enters the formula for the gradient of operand `WANTED`: its tangent is `g`,
/// the others have none.
#[inline(always)]
pub(super) fn operand<const WANTED: usize, A: Algebra>(i: usize, x: A, g: A) -> Dual<A> {
    if i == WANTED { Dual::variable(x, g) } else { Dual::constant(x) }
}

/// The parameters, which have no tangents.
#[inline(always)]
pub(super) fn params<A: Algebra, const P: usize>(p: [A; P]) -> [Dual<A>; P] {
    from_fn(|i| Dual::constant(p[i]))
}

/// The gradient that came out; 0 where the formula does not depend on the operand.
#[inline(always)]
pub(super) fn gradient<A: Algebra>(y: Dual<A>, g: A) -> A {
    match y.tangent {
        Some(gradient) => gradient,
        None => nothing(g),
    }
}
