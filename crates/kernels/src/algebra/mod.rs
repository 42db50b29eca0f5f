//! One formula, many instantiations.
//!
//! An elementwise formula is written once, generic over [`Ring`] (every dtype) or [`Algebra`]
//! (floats), with nothing but the methods of these traits. Here it is instantiated with vector
//! lanes ([`F32s`]) and becomes a kernel, and with [`Recorded`] values and becomes a [`Program`],
//! which is interpreted on lanes of the other dtypes ([`F64s`], [`Many`], [`Bools`]) and, above, on
//! tracked tensors, which makes it differentiable to any order; with expressions for values it is
//! printed. So the traits expose no lanes, no bits and no `bool`: a comparison gives a
//! [`Mask`](Ring::Mask), and a branch is a [`select`](Ring::select).
//!
//! ```
//! use adjoint_kernels::algebra::{Algebra, F32s, Ring};
//!
//! fn softplus<A: Algebra>(x: A) -> A {
//!     x.max(A::c(0.0)) + (-x.abs()).exp().log1p()
//! }
//!
//! let y = softplus(F32s::<1>::c(0.0));
//! assert_eq!(y.to_array(), [[core::f32::consts::LN_2; 4]]);
//! ```

mod bools;
mod f32s;
mod f64s;
mod int;
mod many;
mod recorded;
#[cfg(test)]
mod tests;

use core::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};
use core::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Sub};

pub use bools::Bools;
pub use f32s::{F32s, I32s, M32s};
pub use f64s::{F64s, M64s, function};
pub use int::Int;
pub use many::Many;
pub use recorded::{Code, Program, Record, Recorded, RecordedMask, Step, unlock_tape};

/// What every dtype can do.
///
/// Integers wrap. [`Bool`](crate::dtype::Bool) adds by *or* and multiplies by *and*, as PyTorch
/// does; PyTorch refuses to subtract or negate it, and the dtype rules above never ask for it.
pub trait Ring: Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Neg<Output = Self> {
    /// The answer to a question asked of each element.
    type Mask: Copy + BitAnd<Output = Self::Mask> + BitOr<Output = Self::Mask> + Not<Output = Self::Mask>;

    /// The constant `v`, cast to the dtype; exact to 2^53. An integer takes what is beyond its
    /// range, infinities too, as the last number in it.
    fn c(v: f64) -> Self;

    /// `self < other`; false where either is NaN.
    fn lt(self, other: Self) -> Self::Mask;

    /// `self <= other`; false where either is NaN.
    fn le(self, other: Self) -> Self::Mask;

    /// `self == other`; false where either is NaN.
    fn eq(self, other: Self) -> Self::Mask;

    /// `self > other`; false where either is NaN.
    #[inline(always)]
    fn gt(self, other: Self) -> Self::Mask {
        other.lt(self)
    }

    /// `self >= other`; false where either is NaN.
    #[inline(always)]
    fn ge(self, other: Self) -> Self::Mask {
        other.le(self)
    }

    /// `self != other`; true where either is NaN.
    #[inline(always)]
    fn ne(self, other: Self) -> Self::Mask {
        !self.eq(other)
    }

    /// `a` where the mask holds, `b` elsewhere. The unselected value may be NaN or infinite without
    /// harm.
    fn select(mask: Self::Mask, a: Self, b: Self) -> Self;

    /// The larger; NaN where either is NaN, as `torch.maximum`.
    fn max(self, other: Self) -> Self;

    /// The smaller; NaN where either is NaN, as `torch.minimum`.
    fn min(self, other: Self) -> Self;

    /// `self`, and `low` where it is below that; NaN where `self` is. One instruction, of which
    /// [`max`](Self::max) takes several.
    #[inline(always)]
    fn at_least(self, low: Self) -> Self {
        Self::select(self.lt(low), low, self)
    }

    /// `self`, and `high` where it is above that; NaN where `self` is.
    #[inline(always)]
    fn at_most(self, high: Self) -> Self {
        Self::select(high.lt(self), high, self)
    }

    /// `|self|`; the least integer stays what it is.
    fn abs(self) -> Self;

    /// Where the value is NaN; nowhere for integers.
    fn is_nan(self) -> Self::Mask;

    /// `self / other` rounded towards zero. An integer divided by zero gives 0; the caller raises
    /// PyTorch's error.
    fn div_trunc(self, other: Self) -> Self;

    /// `self / other` rounded towards −∞: Python's `//`. An integer divided by zero gives 0.
    fn div_floor(self, other: Self) -> Self;

    /// What [`div_trunc`](Self::div_trunc) leaves, with the sign of `self`: `torch.fmod`, C's `%`.
    /// An integer modulo zero gives 0.
    fn fmod(self, other: Self) -> Self;

    /// What [`div_floor`](Self::div_floor) leaves, with the sign of `other`: `torch.remainder`,
    /// Python's `%`. An integer modulo zero gives 0.
    fn remainder(self, other: Self) -> Self;

    /// Rounds towards −∞; integers are whole already, here and below.
    #[inline(always)]
    fn floor(self) -> Self {
        self
    }

    /// Rounds towards +∞.
    #[inline(always)]
    fn ceil(self) -> Self {
        self
    }

    /// Rounds towards zero.
    #[inline(always)]
    fn trunc(self) -> Self {
        self
    }

    /// Rounds to the nearest integer, halves to even.
    #[inline(always)]
    fn round(self) -> Self {
        self
    }

    /// `self` to the power `e`. For integers a negative power of anything but ±1 is 0, as in
    /// PyTorch, and products wrap.
    fn pow(self, e: Self) -> Self;
}

/// What floats can do.
///
/// The accuracy of each function stands in [`vecmath`](crate::vecmath): hot f32 functions within
/// the `MAX_ULP` of their module, the others rounded from f64; in f64 those of Rust's standard
/// library, within about 1 ULP, and those of [`vecmath::f64`](mod@crate::vecmath::f64) as stated
/// there. Domain errors give NaN and poles give infinities, as C's libm.
pub trait Algebra: Ring + Div<Output = Self> {
    /// `self * b + c`, rounded once where the hardware fuses and twice elsewhere.
    fn mul_add(self, b: Self, c: Self) -> Self;
    /// The square root.
    fn sqrt(self) -> Self;
    /// `1 / self`.
    fn recip(self) -> Self;
    /// e to the power `self`.
    fn exp(self) -> Self;
    /// 2 to the power `self`.
    fn exp2(self) -> Self;
    /// `e^self − 1`, accurate near 0.
    fn expm1(self) -> Self;
    /// The natural logarithm.
    fn log(self) -> Self;
    /// The logarithm to base 2.
    fn log2(self) -> Self;
    /// The logarithm to base 10.
    fn log10(self) -> Self;
    /// `log(1 + self)`, accurate near 0.
    fn log1p(self) -> Self;
    /// `self` to the power `e`, for floats the same as [`Ring::pow`].
    fn powf(self, e: Self) -> Self;
    /// The sine of an angle in radians.
    fn sin(self) -> Self;
    /// The cosine of an angle in radians.
    fn cos(self) -> Self;
    /// The tangent of an angle in radians.
    fn tan(self) -> Self;
    /// The angle in [−π/2, π/2] whose sine is `self`.
    fn asin(self) -> Self;
    /// The angle in [0, π] whose cosine is `self`.
    fn acos(self) -> Self;
    /// The angle in [−π/2, π/2] whose tangent is `self`.
    fn atan(self) -> Self;
    /// The angle of the point (`x`, `self`) in [−π, π].
    fn atan2(self, x: Self) -> Self;
    /// The hyperbolic sine.
    fn sinh(self) -> Self;
    /// The hyperbolic cosine.
    fn cosh(self) -> Self;
    /// The hyperbolic tangent.
    fn tanh(self) -> Self;
    /// The inverse of [`sinh`](Self::sinh).
    fn asinh(self) -> Self;
    /// The non-negative inverse of [`cosh`](Self::cosh).
    fn acosh(self) -> Self;
    /// The inverse of [`tanh`](Self::tanh).
    fn atanh(self) -> Self;
    /// `1 / (1 + e^−self)`.
    fn sigmoid(self) -> Self;
    /// The error function, `2/√π ∫₀^self e^(−t²) dt`.
    fn erf(self) -> Self;
    /// `1 − erf(self)`, accurate where that is small.
    fn erfc(self) -> Self;
    /// The probability that a standard normal number is below `self`, accurate where that is small.
    #[inline(always)]
    fn ndtr(self) -> Self {
        Self::c(0.5) * (Self::c(-FRAC_1_SQRT_2) * self).erfc()
    }
    /// The density of the standard normal distribution, `e^(−self²/2) / √(2π)`.
    #[inline(always)]
    fn normal_density(self) -> Self {
        Self::c(0.5 * FRAC_1_SQRT_2 * FRAC_2_SQRT_PI) * (-(Self::c(0.5) * self * self)).exp()
    }
    /// The inverse of [`erf`](Self::erf): ±∞ at ±1, NaN beyond.
    fn erfinv(self) -> Self;
    /// `log |Γ(self)|`.
    fn lgamma(self) -> Self;
    /// The derivative of `log Γ`.
    fn digamma(self) -> Self;
}

/// What integers and booleans can do besides, bit by bit.
pub trait Bits:
    Ring + BitAnd<Output = Self> + BitOr<Output = Self> + BitXor<Output = Self> + Not<Output = Self>
{
    /// Shifts left; a count that is negative or not below the width gives 0.
    fn shl(self, count: Self) -> Self;
    /// Shifts right, filling with the sign; a count that is negative or not below the width shifts
    /// everything out.
    fn shr(self, count: Self) -> Self;
}
