//! `2·K` f64 numbers at a time: arithmetic and some functions in vectors, others lane by lane.

use core::array::from_fn;
use core::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Sub};

use adjoint_simd::{F32x4, F64x2, M64x2};

use super::{Algebra, Ring};
use crate::vecmath;

/// `K` vectors of two f64.
#[derive(Clone, Copy, Debug)]
pub struct F64s<const K: usize>(pub [F64x2; K]);

/// `K` masks of two lanes.
#[derive(Clone, Copy, Debug)]
pub struct M64s<const K: usize>(pub [M64x2; K]);

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

each!(F64s: Add add, Sub sub, Mul mul, Div div, BitAnd bitand, BitOr bitor, BitXor bitxor);
each!(M64s: BitAnd bitand, BitOr bitor);

impl<const K: usize> Neg for F64s<K> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(from_fn(|i| -self.0[i]))
    }
}

impl<const K: usize> Not for M64s<K> {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        Self(from_fn(|i| !self.0[i]))
    }
}

impl<const K: usize> M64s<K> {
    /// Numbers with all bits set where the mask holds, and none elsewhere.
    #[inline(always)]
    pub fn to_floats(self) -> F64s<K> {
        F64s(self.0.map(|mask| F64x2::from_bits(mask.to_bits())))
    }
}

impl F64s<2> {
    /// Four numbers of f32, exactly.
    #[inline(always)]
    pub fn from_f32(x: F32x4) -> Self {
        Self(x.to_f64().into())
    }

    /// Rounded to f32.
    #[inline(always)]
    pub fn to_f32(self) -> F32x4 {
        F64x2::to_f32(self.0[0], self.0[1])
    }
}

impl<const K: usize> F64s<K> {
    /// Numbers in all.
    pub const LEN: usize = 2 * K;

    /// All lanes `v`.
    #[inline(always)]
    pub fn splat(v: f64) -> Self {
        Self([F64x2::splat(v); K])
    }

    /// Reads `2·K` consecutive numbers.
    ///
    /// # Safety
    /// They must be readable; `p` need not be aligned.
    #[inline(always)]
    pub unsafe fn load(p: *const f64) -> Self {
        // SAFETY: the caller vouches for all `2·K`.
        Self(from_fn(|i| unsafe { F64x2::load(p.add(2 * i)) }))
    }

    /// Writes `2·K` consecutive numbers.
    ///
    /// # Safety
    /// They must be writable; `p` need not be aligned.
    #[inline(always)]
    pub unsafe fn store(self, p: *mut f64) {
        for i in 0..K {
            // SAFETY: the caller vouches for all `2·K`.
            unsafe { self.0[i].store(p.add(2 * i)) };
        }
    }

    /// The numbers, vector by vector.
    #[inline(always)]
    pub fn to_array(self) -> [[f64; 2]; K] {
        self.0.map(F64x2::to_array)
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

    #[inline(always)]
    fn zip_mask(self, other: Self, f: impl Fn(F64x2, F64x2) -> M64x2) -> M64s<K> {
        M64s(from_fn(|i| f(self.0[i], other.0[i])))
    }

    #[inline(always)]
    pub(crate) fn map(self, f: vecmath::f64::Function) -> Self {
        Self(from_fn(|i| f.of(self.0[i])))
    }

    #[inline(always)]
    fn zip(self, other: Self, f: fn(f64, f64) -> f64) -> Self {
        Self(from_fn(|i| {
            let (x, y) = (self.0[i].to_array(), other.0[i].to_array());
            F64x2::from_array([f(x[0], y[0]), f(x[1], y[1])])
        }))
    }
}

impl<const K: usize> Ring for F64s<K> {
    type Mask = M64s<K>;

    #[inline(always)]
    fn c(v: f64) -> Self {
        Self::splat(v)
    }

    #[inline(always)]
    fn lt(self, other: Self) -> M64s<K> {
        self.zip_mask(other, F64x2::lt)
    }

    #[inline(always)]
    fn le(self, other: Self) -> M64s<K> {
        self.zip_mask(other, F64x2::le)
    }

    #[inline(always)]
    fn eq(self, other: Self) -> M64s<K> {
        self.zip_mask(other, F64x2::eq)
    }

    #[inline(always)]
    fn ne(self, other: Self) -> M64s<K> {
        self.zip_mask(other, F64x2::ne)
    }

    #[inline(always)]
    fn select(mask: M64s<K>, a: Self, b: Self) -> Self {
        Self(from_fn(|i| F64x2::select(mask.0[i], a.0[i], b.0[i])))
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
    fn abs(self) -> Self {
        Self(from_fn(|i| self.0[i].abs()))
    }

    #[inline(always)]
    fn is_nan(self) -> M64s<K> {
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
        self.zip(other, vecmath::f64::remainder::div_floor)
    }

    #[inline(always)]
    fn fmod(self, other: Self) -> Self {
        self.zip(other, |x, y| x % y)
    }

    #[inline(always)]
    fn remainder(self, other: Self) -> Self {
        self.zip(other, vecmath::f64::remainder::remainder)
    }

    #[inline(always)]
    fn pow(self, e: Self) -> Self {
        Self(from_fn(|i| vecmath::f64::pow(self.0[i], e.0[i])))
    }
}

/// A function of each number: lane by lane, or two at a time.
macro_rules! each_number {
    (numbers $x:expr, $f:expr) => {
        $x.map(vecmath::f64::Function::Number($f))
    };
    (pairs $x:expr, $f:expr) => {
        $x.map(vecmath::f64::Function::Pair($f))
    };
}

macro_rules! functions {
    (
        operators $_o:tt ring $_r:tt rounding $_w:tt questions $_q:tt float_operators $_d:tt fused $_m:tt float $_f:tt
        functions { $($(#[$doc:meta])* $code:ident $name:ident($a:ident)
            { $kind:ident $width:ident $f:expr, |$g:ident, $y:tt| $d:tt })* }
        $($rest:tt)*
    ) => {
        impl<const K: usize> Algebra for F64s<K> {
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
                self.zip(x, f64::atan2)
            }

            $(#[inline(always)]
            fn $name(self) -> Self {
                each_number!($width self, $f)
            })*
        }
    };
}

crate::primitives!(functions);
