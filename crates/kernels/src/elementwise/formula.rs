//! What happens to one element: `N` tensor operands and `P` scalar parameters give one value.

use crate::algebra::{Algebra, Bits, Ring};

/// A formula for floats.
pub trait Formula<const N: usize, const P: usize> {
    /// The value at one element, from the operands `x` and the parameters `p`.
    fn eval<A: Algebra>(x: [A; N], p: [A; P]) -> A;
}

/// A formula for every dtype.
pub trait RingFormula<const N: usize, const P: usize> {
    /// The value at one element, from the operands `x` and the parameters `p`.
    fn eval<R: Ring>(x: [R; N], p: [R; P]) -> R;
}

/// A formula for integers and booleans.
pub trait BitsFormula<const N: usize, const P: usize> {
    /// The value at one element, from the operands `x` and the parameters `p`.
    fn eval<B: Bits>(x: [B; N], p: [B; P]) -> B;
}

/// A question put to every dtype; the answers are booleans.
pub trait Predicate<const N: usize, const P: usize> {
    /// The answer at one element, from the operands `x` and the parameters `p`.
    fn test<R: Ring>(x: [R; N], p: [R; P]) -> R::Mask;
}
