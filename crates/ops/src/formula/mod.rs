//! Elementwise formulas, written once, generic over [`Algebra`].
//!
//! | instantiated with | gives |
//! |---|---|
//! | vector lanes (crate `kernels`) | the forward kernel, and the fused backward kernel, for f32 |
//! | recorded values (crate `kernels`) | a program, interpreted on numbers for the other dtypes, and on tensors for derivatives of every order; and printed |
//! | dual numbers of either (crate `kernels`) | its derivatives, where the op writes none |
//!
//! An op file states `f` ([`Unary`], [`Binary`], [`Ternary`]) and gets the rest from [`unary`],
//! [`binary`], [`ternary`]. `vjp` gives the gradient of each argument from `g`, the arguments, the
//! result `y` and the numbers `p`; `OpDef::saves` must list those of them it reads. It is linear in
//! `g`, so it is the forward derivative too.
//!
//! `vjp` is derived from `f` by the rules of the table of primitives and reads arguments alone. An
//! op writes it where it knows better: where the result is at hand and saves a function (`exp`,
//! `tanh`), where terms cancel that overflow or lose digits on the way (`mish`, `logsigmoid`),
//! where PyTorch has another value at a kink (`relu`), or where a compiled loop would compute `f`
//! for nothing (`log`). A test compares what is written with what is derived, and knows by name
//! where they differ and why. Where a branch is not taken a written one selects 0 rather than
//! multiply by 0, so that an infinite `g` does not turn into NaN; a derived one does so by itself.

mod binary;
mod bits;
mod derivative;
mod derived;
mod loops;
mod predicate;
mod print;
mod ternary;
mod tracked;
mod unary;

pub use adjoint_kernels::algebra::{Algebra, Ring};
pub use binary::{Binary, RingBinary, binary, ring_binary, ring_binary_with};
pub use bits::{bits1, bits2};
pub use loops::Loops;
pub use predicate::{predicate1, predicate2};
pub use print::lines;
pub use ternary::{RingTernary, Ternary, ring_ternary, ternary};
pub use tracked::evaluate;
pub use unary::{RingUnary, Unary, ring_unary, unary, with_bounds};

use adjoint_autograd::{Attrs, Params};
use adjoint_tensor::Result;

/// The numeric attributes in order, as kernel parameters.
pub fn numbers(attrs: &Attrs) -> Result<Params> {
    (0..attrs.0.len()).map(|i| attrs.get_float(i)).collect()
}

/// No kernel parameters, for ops whose attributes are not numbers.
pub fn no_numbers(_: &Attrs) -> Result<Params> {
    Ok(Params::new())
}

/// `x`, and `low` where it is below that; NaN where either is. A selection, for value and
/// derivative: `max` would share the gradient of a tie.
#[inline(always)]
pub fn at_least<R: Ring>(x: R, low: R) -> R {
    R::select(x.lt(low) | low.is_nan(), low, x)
}

/// `x`, and `high` where it is above that; NaN where either is.
#[inline(always)]
pub fn at_most<R: Ring>(x: R, high: R) -> R {
    R::select(x.gt(high) | high.is_nan(), high, x)
}

/// `x` where it is negative, else 0. Its own derivative at 0 is 0, where that of `min(x, 0)` is a
/// half.
#[inline(always)]
pub fn negative_part<A: Algebra>(x: A) -> A {
    A::select(x.lt(A::c(0.0)), x, A::c(0.0))
}

/// A gradient of 0 for whatever `g` is; `0 · g` would be NaN where `g` is infinite or NaN.
#[inline(always)]
pub fn nothing<A: Algebra>(g: A) -> A {
    A::select(g.eq(g), A::c(0.0), A::c(0.0))
}
