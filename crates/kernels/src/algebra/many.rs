//! Integers several at a time, in arrays, of which LLVM makes vectors where it can.

use core::array::from_fn;
use core::ops::{Add, BitAnd, BitOr, BitXor, Mul, Neg, Not, Sub};

use super::{Bits, Ring};

/// `W` values of a ring, or `W` masks.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct Many<R, const W: usize>(pub [R; W]);

macro_rules! each {
    ($($trait:ident $method:ident),+) => {$(
        impl<R: Copy + $trait<Output = R>, const W: usize> $trait for Many<R, W> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                self.zip(other, |x, y| x.$method(y))
            }
        }
    )+};
}

each!(Add add, Sub sub, Mul mul, BitAnd bitand, BitOr bitor, BitXor bitxor);

impl<R: Copy + Neg<Output = R>, const W: usize> Neg for Many<R, W> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        self.map(|x| -x)
    }
}

impl<R: Copy + Not<Output = R>, const W: usize> Not for Many<R, W> {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        self.map(|x| !x)
    }
}

impl<R: Copy, const W: usize> Many<R, W> {
    #[inline(always)]
    fn map<T>(self, f: impl Fn(R) -> T) -> Many<T, W> {
        Many(from_fn(|i| f(self.0[i])))
    }

    #[inline(always)]
    fn zip<T>(self, other: Self, f: impl Fn(R, R) -> T) -> Many<T, W> {
        Many(from_fn(|i| f(self.0[i], other.0[i])))
    }
}

impl<R: Ring, const W: usize> Ring for Many<R, W> {
    type Mask = Many<R::Mask, W>;

    #[inline(always)]
    fn c(v: f64) -> Self {
        Self([R::c(v); W])
    }

    #[inline(always)]
    fn lt(self, other: Self) -> Self::Mask {
        self.zip(other, R::lt)
    }

    #[inline(always)]
    fn le(self, other: Self) -> Self::Mask {
        self.zip(other, R::le)
    }

    #[inline(always)]
    fn eq(self, other: Self) -> Self::Mask {
        self.zip(other, R::eq)
    }

    #[inline(always)]
    fn select(mask: Self::Mask, a: Self, b: Self) -> Self {
        Self(from_fn(|i| R::select(mask.0[i], a.0[i], b.0[i])))
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        self.zip(other, R::max)
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        self.zip(other, R::min)
    }

    #[inline(always)]
    fn abs(self) -> Self {
        self.map(R::abs)
    }

    #[inline(always)]
    fn is_nan(self) -> Self::Mask {
        self.map(R::is_nan)
    }

    #[inline(always)]
    fn div_trunc(self, other: Self) -> Self {
        self.zip(other, R::div_trunc)
    }

    #[inline(always)]
    fn div_floor(self, other: Self) -> Self {
        self.zip(other, R::div_floor)
    }

    #[inline(always)]
    fn fmod(self, other: Self) -> Self {
        self.zip(other, R::fmod)
    }

    #[inline(always)]
    fn remainder(self, other: Self) -> Self {
        self.zip(other, R::remainder)
    }

    #[inline(always)]
    fn pow(self, e: Self) -> Self {
        self.zip(e, R::pow)
    }
}

impl<R: Bits, const W: usize> Bits for Many<R, W> {
    #[inline(always)]
    fn shl(self, count: Self) -> Self {
        self.zip(count, R::shl)
    }

    #[inline(always)]
    fn shr(self, count: Self) -> Self {
        self.zip(count, R::shr)
    }
}
