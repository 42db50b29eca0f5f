//! `4·K` f32 numbers at a time.
//!
//! Several vectors an iteration share the constants of a formula, which newer WebAssembly engines
//! otherwise build anew at each use, and hide the latency of one chain of operations behind
//! another. How many is chosen in [`elementwise`](crate::elementwise) by measurement.

use core::array::from_fn;
use core::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Sub};

use adjoint_simd::{F32x4, I32x4, M32x4};

use super::{Algebra, Ring};
use crate::vecmath;

/// `K` vectors of four f32.
#[derive(Clone, Copy, Debug)]
pub struct F32s<const K: usize>(pub [F32x4; K]);

/// `K` vectors of four i32: the bits of an [`F32s`].
#[derive(Clone, Copy, Debug)]
pub struct I32s<const K: usize>(pub [I32x4; K]);

/// `K` masks of four lanes.
#[derive(Clone, Copy, Debug)]
pub struct M32s<const K: usize>(pub [M32x4; K]);

/// Forwards operators and methods to each vector.
macro_rules! each {
    ($t:ident: $($trait:ident $method:ident),+) => {$(
        impl<const K: usize> $trait for $t<K> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self(from_fn(|i| self.0[i].$method(other.0[i])))
            }
        }
    )+};
}

each!(F32s: Add add, Sub sub, Mul mul, Div div, BitAnd bitand, BitOr bitor, BitXor bitxor);
each!(I32s: Add add, Sub sub, Mul mul, BitAnd bitand, BitOr bitor, BitXor bitxor);
each!(M32s: BitAnd bitand, BitOr bitor, BitXor bitxor);

impl<const K: usize> Neg for F32s<K> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(from_fn(|i| -self.0[i]))
    }
}

impl<const K: usize> Not for M32s<K> {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        Self(from_fn(|i| !self.0[i]))
    }
}

impl<const K: usize> M32s<K> {
    /// Whether some lane holds.
    #[inline(always)]
    pub fn any(self) -> bool {
        let mut all = self.0[0];
        for i in 1..K {
            all |= self.0[i];
        }
        all.any()
    }

    /// Whether all lanes hold.
    #[inline(always)]
    pub fn all(self) -> bool {
        let mut all = self.0[0];
        for i in 1..K {
            all &= self.0[i];
        }
        all.all()
    }
}

impl<const K: usize> I32s<K> {
    /// All lanes `v`.
    #[inline(always)]
    pub fn splat(v: i32) -> Self {
        Self([I32x4::splat(v); K])
    }

    /// Shifts left by `N` bits.
    #[inline(always)]
    pub fn shl<const N: u32>(self) -> Self {
        Self(from_fn(|i| self.0[i].shl::<N>()))
    }

    /// Shifts right by `N` bits, filling with the sign.
    #[inline(always)]
    pub fn shr<const N: u32>(self) -> Self {
        Self(from_fn(|i| self.0[i].shr::<N>()))
    }

    /// Shifts right by `N` bits, filling with zeros.
    #[inline(always)]
    pub fn shr_logical<const N: u32>(self) -> Self {
        Self(from_fn(|i| self.0[i].shr_logical::<N>()))
    }

    /// The nearest f32.
    #[inline(always)]
    pub fn to_f32(self) -> F32s<K> {
        F32s(from_fn(|i| self.0[i].to_f32()))
    }

    /// The same bits as floats.
    #[inline(always)]
    pub fn to_floats(self) -> F32s<K> {
        F32s(from_fn(|i| F32x4::from_bits(self.0[i])))
    }
}

impl<const K: usize> F32s<K> {
    /// Numbers in all.
    pub const LEN: usize = 4 * K;

    /// All lanes `v`.
    #[inline(always)]
    pub fn splat(v: f32) -> Self {
        Self([F32x4::splat(v); K])
    }

    /// Reads `4·K` consecutive numbers.
    ///
    /// # Safety
    /// They must be readable; `p` need not be aligned.
    #[inline(always)]
    pub unsafe fn load(p: *const f32) -> Self {
        // SAFETY: the caller vouches for all `4·K`.
        Self(from_fn(|i| unsafe { F32x4::load(p.add(4 * i)) }))
    }

    /// Writes `4·K` consecutive numbers.
    ///
    /// # Safety
    /// They must be writable; `p` need not be aligned.
    #[inline(always)]
    pub unsafe fn store(self, p: *mut f32) {
        for i in 0..K {
            // SAFETY: the caller vouches for all `4·K`.
            unsafe { self.0[i].store(p.add(4 * i)) };
        }
    }

    /// The numbers, vector by vector.
    #[inline(always)]
    pub fn to_array(self) -> [[f32; 4]; K] {
        self.0.map(F32x4::to_array)
    }

    /// The smaller, `self` where either is NaN: one instruction where [`Ring::min`] is several.
    #[inline(always)]
    pub fn pmin(self, other: Self) -> Self {
        Self(from_fn(|i| self.0[i].pmin(other.0[i])))
    }

    /// The larger, `self` where either is NaN: one instruction where [`Ring::max`] is several.
    #[inline(always)]
    pub fn pmax(self, other: Self) -> Self {
        Self(from_fn(|i| self.0[i].pmax(other.0[i])))
    }

    /// `c - self * b`.
    #[inline(always)]
    pub fn neg_mul_add(self, b: Self, c: Self) -> Self {
        Self(from_fn(|i| self.0[i].neg_mul_add(b.0[i], c.0[i])))
    }

    /// The same bits as integers.
    #[inline(always)]
    pub fn to_bits(self) -> I32s<K> {
        I32s(from_fn(|i| self.0[i].to_bits()))
    }

    /// `self` with the sign of `sign`'s bits put on by *xor*; `self` is usually non-negative.
    #[inline(always)]
    pub fn xor_sign(self, sign: Self) -> Self {
        self ^ (sign & Self::splat(-0.0))
    }

    /// The polynomial with the given coefficients, the highest power first, by Horner's rule.
    #[inline(always)]
    pub fn poly<const N: usize>(self, coefficients: [f32; N]) -> Self {
        let mut y = Self::splat(coefficients[0]);
        for &c in &coefficients[1..] {
            y = Algebra::mul_add(y, self, Self::splat(c));
        }
        y
    }

    #[inline(always)]
    fn zip_mask(self, other: Self, f: impl Fn(F32x4, F32x4) -> M32x4) -> M32s<K> {
        M32s(from_fn(|i| f(self.0[i], other.0[i])))
    }
}

impl<const K: usize> Ring for F32s<K> {
    type Mask = M32s<K>;

    #[inline(always)]
    fn c(v: f64) -> Self {
        Self::splat(v as f32)
    }

    #[inline(always)]
    fn lt(self, other: Self) -> M32s<K> {
        self.zip_mask(other, F32x4::lt)
    }

    #[inline(always)]
    fn le(self, other: Self) -> M32s<K> {
        self.zip_mask(other, F32x4::le)
    }

    #[inline(always)]
    fn eq(self, other: Self) -> M32s<K> {
        self.zip_mask(other, F32x4::eq)
    }

    #[inline(always)]
    fn ne(self, other: Self) -> M32s<K> {
        self.zip_mask(other, F32x4::ne)
    }

    #[inline(always)]
    fn select(mask: M32s<K>, a: Self, b: Self) -> Self {
        Self(from_fn(|i| F32x4::select(mask.0[i], a.0[i], b.0[i])))
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        Self(from_fn(|i| self.0[i].max(other.0[i])))
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        Self(from_fn(|i| self.0[i].min(other.0[i])))
    }

    #[inline(always)]
    fn at_least(self, low: Self) -> Self {
        self.pmax(low)
    }

    #[inline(always)]
    fn at_most(self, high: Self) -> Self {
        self.pmin(high)
    }

    #[inline(always)]
    fn abs(self) -> Self {
        Self(from_fn(|i| self.0[i].abs()))
    }

    #[inline(always)]
    fn is_nan(self) -> M32s<K> {
        self.ne(self)
    }

    #[inline(always)]
    fn floor(self) -> Self {
        Self(from_fn(|i| self.0[i].floor()))
    }

    #[inline(always)]
    fn ceil(self) -> Self {
        Self(from_fn(|i| self.0[i].ceil()))
    }

    #[inline(always)]
    fn trunc(self) -> Self {
        Self(from_fn(|i| self.0[i].trunc()))
    }

    #[inline(always)]
    fn round(self) -> Self {
        Self(from_fn(|i| self.0[i].nearest()))
    }

    #[inline(always)]
    fn div_trunc(self, other: Self) -> Self {
        (self / other).trunc()
    }

    #[inline(always)]
    fn div_floor(self, other: Self) -> Self {
        vecmath::remainder::div_floor(self, other)
    }

    #[inline(always)]
    fn fmod(self, other: Self) -> Self {
        vecmath::remainder::fmod(self, other)
    }

    #[inline(always)]
    fn remainder(self, other: Self) -> Self {
        vecmath::remainder::remainder(self, other)
    }

    #[inline(always)]
    fn pow(self, e: Self) -> Self {
        Self(from_fn(|i| vecmath::pow(self.0[i], e.0[i])))
    }
}

/// A function of each number: in vector code of its own, or lane by lane through f64.
macro_rules! each_number {
    (vector $x:expr, $name:ident $f:expr) => {
        vecmath::$name($x)
    };
    (lanes $x:expr, $name:ident $f:expr) => {
        vecmath::lanes::unary($x, $f)
    };
}

macro_rules! functions {
    (
        operators $_o:tt ring $_r:tt rounding $_w:tt questions $_q:tt float_operators $_d:tt fused $_m:tt float $_f:tt
        functions { $($(#[$doc:meta])* $code:ident $name:ident($a:ident)
            { $kind:ident $width:ident $f:expr, |$g:ident, $y:tt| $d:tt })* }
        $($rest:tt)*
    ) => {
        impl<const K: usize> Algebra for F32s<K> {
            #[inline(always)]
            fn mul_add(self, b: Self, c: Self) -> Self {
                Self(from_fn(|i| self.0[i].mul_add(b.0[i], c.0[i])))
            }

            #[inline(always)]
            fn sqrt(self) -> Self {
                Self(from_fn(|i| self.0[i].sqrt()))
            }

            #[inline(always)]
            fn recip(self) -> Self {
                Self::splat(1.0) / self
            }

            #[inline(always)]
            fn atan2(self, x: Self) -> Self {
                vecmath::atan2(self, x)
            }

            #[inline(always)]
            fn log1p_exp(self) -> Self {
                vecmath::log1p_exp(self)
            }

            #[inline(always)]
            fn ndtr(self) -> Self {
                vecmath::ndtr(self)
            }

            #[inline(always)]
            fn normal_density(self) -> Self {
                vecmath::normal_density(self)
            }

            $(#[inline(always)]
            fn $name(self) -> Self {
                each_number!($kind self, $name $f)
            })*
        }
    };
}

crate::primitives!(functions);
