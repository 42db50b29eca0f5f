//! One formula, many instantiations.
//!
//! An elementwise formula is written once, generic over [`Ring`] (every dtype) or [`Algebra`]
//! (floats), with nothing but the methods of these traits. Here it is instantiated with vector
//! lanes ([`F32s`]) and becomes a kernel, and with [`Recorded`](crate::program::Recorded) values
//! and becomes a [`Program`](crate::program::Program), which is interpreted on lanes of the other
//! dtypes ([`F64s`], [`Many`], [`Bools`]) and, above, on tracked tensors, which makes it
//! differentiable to any order, and printed; with [`Dual`]s of any of these it becomes its own
//! derivative. So the traits expose no lanes, no bits and no `bool`: a comparison gives a
//! [`Mask`](Ring::Mask), and a branch is a [`select`](Ring::select). Most of their methods are the
//! rows of one table, `program/table.rs`.
//!
//! ```
//! use adjoint_kernels::algebra::{Algebra, F32s, Ring};
//!
//! fn softplus<A: Algebra>(x: A) -> A {
//!     x.max(A::c(0.0)) + (-x.abs()).log1p_exp()
//! }
//!
//! let y = softplus(F32s::<1>::c(0.0));
//! assert_eq!(y.to_array(), [[core::f32::consts::LN_2; 4]]);
//! ```

mod bools;
mod dual;
mod f32s;
mod f64s;
mod int;
mod many;
#[cfg(test)]
mod tests;

use core::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};
use core::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Sub};

pub use bools::Bools;
pub use dual::Dual;
pub use f32s::{F32s, I32s, M32s};
pub use f64s::{F64s, M64s};
pub use int::Int;
pub use many::Many;

/// Declares the methods of [`Ring`].
macro_rules! ring_methods {
    (
        operators $_o:tt
        ring { $($(#[$rd:meta])* $rc:ident $rm:ident($ra:ident $(, $rb:ident)*) $_rt:tt)* }
        rounding { $($(#[$wd:meta])* $wc:ident $wm:ident($wa:ident) $_wt:tt)* }
        questions { $($(#[$qd:meta])* $qc:ident $qm:ident($qa:ident $(, $qb:ident)*) $_qt:tt)* }
        $($rest:tt)*
    ) => {
        $($(#[$rd])* fn $rm(self $(, $rb: Self)*) -> Self;)*
        $($(#[$wd])* #[inline(always)] fn $wm(self) -> Self { self })*
        $($(#[$qd])* fn $qm(self $(, $qb: Self)*) -> Self::Mask;)*
    };
}

/// Declares the methods of [`Algebra`].
macro_rules! float_methods {
    (
        operators $_o:tt ring $_r:tt rounding $_w:tt questions $_q:tt float_operators $_d:tt
        fused { $($(#[$md:meta])* $mc:ident $mm:ident($ma:ident $(, $mb:ident)*) $_mt:tt)* }
        float { $($(#[$fd:meta])* $fc:ident $fm:ident($fa:ident $(, $fb:ident)*) $_ft:tt)* }
        functions { $($(#[$ud:meta])* $uc:ident $um:ident($ua:ident) $_ut:tt)* }
        $($rest:tt)*
    ) => {
        $($(#[$md])* fn $mm(self $(, $mb: Self)*) -> Self;)*
        $($(#[$fd])* fn $fm(self $(, $fb: Self)*) -> Self;)*
        $($(#[$ud])* fn $um(self) -> Self;)*
    };
}

/// Declares the methods of [`Bits`].
macro_rules! bit_methods {
    (
        operators $_o:tt ring $_r:tt rounding $_w:tt questions $_q:tt float_operators $_d:tt
        fused $_m:tt float $_f:tt functions $_u:tt bit_operators $_c:tt
        bits { $($(#[$bd:meta])* $bc:ident $bm:ident($ba:ident $(, $bb:ident)*) $_bt:tt)* }
    ) => {
        $($(#[$bd])* fn $bm(self $(, $bb: Self)*) -> Self;)*
    };
}

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

    crate::primitives!(ring_methods);
}

/// What floats can do.
///
/// The accuracy of each function stands in [`vecmath`](crate::vecmath): hot f32 functions within
/// the `MAX_ULP` of their module, the others rounded from f64; in f64 those of
/// [`vecmath::f64`](mod@crate::vecmath::f64) as stated there, and others of Rust's standard
/// library, within about 1 ULP. Domain errors give NaN and poles give infinities, as C's libm.
pub trait Algebra: Ring + Div<Output = Self> {
    /// `self` to the power `e`, the same as [`Ring::pow`].
    #[inline(always)]
    fn powf(self, e: Self) -> Self {
        self.pow(e)
    }

    /// `log(1 + e^self)` for numbers that are not positive.
    #[inline(always)]
    fn log1p_exp(self) -> Self {
        self.exp().log1p()
    }

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

    crate::primitives!(float_methods);
}

/// What integers and booleans can do besides, bit by bit.
pub trait Bits:
    Ring + BitAnd<Output = Self> + BitOr<Output = Self> + BitXor<Output = Self> + Not<Output = Self>
{
    crate::primitives!(bit_methods);
}
