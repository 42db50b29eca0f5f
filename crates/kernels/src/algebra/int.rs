//! Integers and booleans as rings, one element at a time: LLVM vectorizes what can be.

use core::ops::{Add, BitAnd, BitOr, BitXor, Mul, Neg, Not, Sub};

use super::{Bits, Ring};
use crate::dtype::Bool;

/// An integer whose operators wrap, as tensors need and Rust's own do not promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Int<T>(pub T);

macro_rules! int_ring {
    ($($t:ty),+) => {$(
        impl Add for Int<$t> {
            type Output = Self;
            #[inline(always)]
            fn add(self, other: Self) -> Self {
                Self(self.0.wrapping_add(other.0))
            }
        }

        impl Sub for Int<$t> {
            type Output = Self;
            #[inline(always)]
            fn sub(self, other: Self) -> Self {
                Self(self.0.wrapping_sub(other.0))
            }
        }

        impl Mul for Int<$t> {
            type Output = Self;
            #[inline(always)]
            fn mul(self, other: Self) -> Self {
                Self(self.0.wrapping_mul(other.0))
            }
        }

        impl Neg for Int<$t> {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                Self(self.0.wrapping_neg())
            }
        }

        impl Ring for Int<$t> {
            type Mask = bool;

            #[inline(always)]
            fn c(v: f64) -> Self {
                Self(v as $t)
            }

            #[inline(always)]
            fn lt(self, other: Self) -> bool {
                self.0 < other.0
            }

            #[inline(always)]
            fn le(self, other: Self) -> bool {
                self.0 <= other.0
            }

            #[inline(always)]
            fn eq(self, other: Self) -> bool {
                self.0 == other.0
            }

            #[inline(always)]
            fn select(mask: bool, a: Self, b: Self) -> Self {
                if mask { a } else { b }
            }

            #[inline(always)]
            fn max(self, other: Self) -> Self {
                Self(Ord::max(self.0, other.0))
            }

            #[inline(always)]
            fn min(self, other: Self) -> Self {
                Self(Ord::min(self.0, other.0))
            }

            // `Self::c(0.0)` and not a literal: `u8` has no sign, and there the comparison folds
            // away.
            #[inline(always)]
            fn abs(self) -> Self {
                if Ring::lt(self, Self::c(0.0)) { -self } else { self }
            }

            #[inline(always)]
            fn is_nan(self) -> bool {
                false
            }

            #[inline(always)]
            fn div_trunc(self, other: Self) -> Self {
                if other.0 == 0 { Self(0) } else { Self(self.0.wrapping_div(other.0)) }
            }

            #[inline(always)]
            fn div_floor(self, other: Self) -> Self {
                let quotient = self.div_trunc(other);
                let rest = self.fmod(other);
                if rest.0 != 0 && Ring::lt(rest, Self::c(0.0)) != Ring::lt(other, Self::c(0.0)) { quotient - Self(1) } else { quotient }
            }

            #[inline(always)]
            fn fmod(self, other: Self) -> Self {
                if other.0 == 0 { Self(0) } else { Self(self.0.wrapping_rem(other.0)) }
            }

            #[inline(always)]
            fn remainder(self, other: Self) -> Self {
                let rest = self.fmod(other);
                if rest.0 != 0 && Ring::lt(rest, Self::c(0.0)) != Ring::lt(other, Self::c(0.0)) { rest + other } else { rest }
            }

            #[inline(always)]
            fn pow(self, e: Self) -> Self {
                Self(pow_i64(self.0 as i64, e.0 as i64) as $t)
            }
        }

        impl BitAnd for Int<$t> {
            type Output = Self;
            #[inline(always)]
            fn bitand(self, other: Self) -> Self {
                Self(self.0 & other.0)
            }
        }

        impl BitOr for Int<$t> {
            type Output = Self;
            #[inline(always)]
            fn bitor(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }
        }

        impl BitXor for Int<$t> {
            type Output = Self;
            #[inline(always)]
            fn bitxor(self, other: Self) -> Self {
                Self(self.0 ^ other.0)
            }
        }

        impl Not for Int<$t> {
            type Output = Self;
            #[inline(always)]
            fn not(self) -> Self {
                Self(!self.0)
            }
        }

        impl Bits for Int<$t> {
            #[inline(always)]
            fn shl(self, count: Self) -> Self {
                if (count.0 as u64) < <$t>::BITS as u64 { Self(self.0 << count.0) } else { Self(0) }
            }

            #[inline(always)]
            fn shr(self, count: Self) -> Self {
                if (count.0 as u64) < <$t>::BITS as u64 {
                    Self(self.0 >> count.0)
                } else {
                    Self::select(Ring::lt(self, Self::c(0.0)), !Self(0), Self(0))
                }
            }
        }
    )+};
}

int_ring!(i64, i32, i16, i8, u8);

/// One function for every width: the low bits of a wrapping power do not depend on the bits above
/// them.
#[inline(never)]
fn pow_i64(mut base: i64, mut e: i64) -> i64 {
    if e < 0 {
        // 1 / base^|e|, rounded towards zero.
        return match base {
            1 => 1,
            -1 => 1 - 2 * (e & 1),
            _ => 0,
        };
    }
    let mut power = 1i64;
    // Without a branch on the bit: exponents that differ would be mispredicted half of the time.
    while e != 0 {
        power = power.wrapping_mul(if e & 1 == 1 { base } else { 1 });
        base = base.wrapping_mul(base);
        e >>= 1;
    }
    power
}

#[allow(clippy::suspicious_arithmetic_impl, reason = "booleans have their own arithmetic")]
impl Add for Bool {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self | other
    }
}

/// Unreachable by construction: PyTorch refuses to subtract booleans, and so do the dtype rules
/// above. Gives *xor*, which is subtraction modulo 2.
#[allow(clippy::suspicious_arithmetic_impl, reason = "booleans have their own arithmetic")]
impl Sub for Bool {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self ^ other
    }
}

#[allow(clippy::suspicious_arithmetic_impl, reason = "booleans have their own arithmetic")]
impl Mul for Bool {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self & other
    }
}

/// Unreachable by construction, like [`Sub`]. Gives the value back, which is its negative modulo 2.
impl Neg for Bool {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        self
    }
}

impl BitAnd for Bool {
    type Output = Self;
    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl BitOr for Bool {
    type Output = Self;
    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitXor for Bool {
    type Output = Self;
    #[inline(always)]
    fn bitxor(self, other: Self) -> Self {
        Self(self.0 ^ other.0)
    }
}

impl Not for Bool {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        Self(self.0 ^ 1)
    }
}

impl Ring for Bool {
    type Mask = bool;

    #[inline(always)]
    fn c(v: f64) -> Self {
        Self(u8::from(v != 0.0 && v != f64::NEG_INFINITY))
    }

    #[inline(always)]
    fn lt(self, other: Self) -> bool {
        self.0 < other.0
    }

    #[inline(always)]
    fn le(self, other: Self) -> bool {
        self.0 <= other.0
    }

    #[inline(always)]
    fn eq(self, other: Self) -> bool {
        self.0 == other.0
    }

    #[inline(always)]
    fn select(mask: bool, a: Self, b: Self) -> Self {
        if mask { a } else { b }
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
    fn is_nan(self) -> bool {
        false
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
        Self(0)
    }

    #[inline(always)]
    fn remainder(self, _other: Self) -> Self {
        Self(0)
    }

    /// 0^0 is 1.
    #[inline(always)]
    fn pow(self, e: Self) -> Self {
        self | !e
    }
}

impl Bits for Bool {
    #[inline(always)]
    fn shl(self, count: Self) -> Self {
        self & !count
    }

    #[inline(always)]
    fn shr(self, count: Self) -> Self {
        self & !count
    }
}
