//! The gradient of a formula, from the formula.

use super::nothing;
use adjoint_kernels::algebra::{Algebra, Dual};
use std::array::from_fn;

/// The gradient of operand `i` of `f` at the operands `x` and the parameters `p`, where that of the
/// result is `g`: `f` is run with `g` for the operand's tangent.
#[inline(always)]
pub(super) fn derived<A: Algebra, const N: usize, const P: usize>(
    i: usize,
    g: A,
    x: [A; N],
    p: [A; P],
    f: impl Fn([Dual<A>; N], [Dual<A>; P]) -> Dual<A>,
) -> A {
    let operands = from_fn(|k| if k == i { Dual::variable(x[k], g) } else { Dual::constant(x[k]) });
    f(operands, p.map(Dual::constant)).tangent.unwrap_or_else(|| nothing(g))
}
