//! Thirty-two booleans at a time, as words of bytes that are 0 or 1: every operation is a few on
//! bits. As many bytes as an iteration has in the other dtypes, or what a loop does besides counts.

use core::array::from_fn;
use core::ops::{Add, BitAnd, BitOr, BitXor, Mul, Neg, Not, Sub};

use super::{Bits, Ring};

/// Bytes 0 or 1, which are also the answers to questions about them. Their arithmetic is that of
/// [`Bool`](crate::dtype::Bool).
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct Bools(pub [u64; WORDS]);

/// Words at a time: two vectors.
const WORDS: usize = 4;

/// A one in each byte.
const ONES: u64 = 0x0101_0101_0101_0101;

impl Bools {
    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(u64, u64) -> u64) -> Self {
        Self(from_fn(|i| f(self.0[i], other.0[i])))
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident $sign:tt;)+) => {$(
        impl $trait for Bools {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                self.zip(other, |x, y| x $sign y)
            }
        }
    )+};
}

operators! {
    Add add |;
    Sub sub ^;
    Mul mul &;
    BitAnd bitand &;
    BitOr bitor |;
    BitXor bitxor ^;
}

impl Neg for Bools {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        self
    }
}

impl Not for Bools {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        Self(self.0.map(|x| x ^ ONES))
    }
}

impl Ring for Bools {
    type Mask = Self;

    #[inline(always)]
    fn c(v: f64) -> Self {
        Self([if v == 0.0 || v == f64::NEG_INFINITY { 0 } else { ONES }; WORDS])
    }

    #[inline(always)]
    fn lt(self, other: Self) -> Self {
        !self & other
    }

    #[inline(always)]
    fn le(self, other: Self) -> Self {
        !self | other
    }

    #[inline(always)]
    fn eq(self, other: Self) -> Self {
        !(self ^ other)
    }

    #[inline(always)]
    fn select(mask: Self, a: Self, b: Self) -> Self {
        b ^ (mask & (a ^ b))
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        self | other
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        self & other
    }

    #[inline(always)]
    fn abs(self) -> Self {
        self
    }

    #[inline(always)]
    fn is_nan(self) -> Self {
        Self([0; WORDS])
    }

    #[inline(always)]
    fn div_trunc(self, other: Self) -> Self {
        self & other
    }

    #[inline(always)]
    fn div_floor(self, other: Self) -> Self {
        self & other
    }

    #[inline(always)]
    fn fmod(self, _other: Self) -> Self {
        Self([0; WORDS])
    }

    #[inline(always)]
    fn remainder(self, _other: Self) -> Self {
        Self([0; WORDS])
    }

    #[inline(always)]
    fn pow(self, e: Self) -> Self {
        self | !e
    }
}

impl Bits for Bools {
    #[inline(always)]
    fn shl(self, count: Self) -> Self {
        self & !count
    }

    #[inline(always)]
    fn shr(self, count: Self) -> Self {
        self & !count
    }
}
