//! What the two float vectors have in common, for kernels written once for `f32` and `f64`.

use crate::{F32x4, F64x2};
use core::ops::{Add, Div, Mul, Neg, Sub};

/// A float with a vector type: the element of a kernel that is written once for both.
pub trait Scalar:
    Copy
    + Default
    + PartialEq
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + Send
    + Sync
    + 'static
{
    /// The vector of this element.
    type Vector: Vector<Scalar = Self>;
    /// Lanes of [`Scalar::Vector`].
    const LANES: usize;
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// +∞.
    const INFINITY: Self;

    /// The nearest value of this type.
    fn from_f64(v: f64) -> Self;
    /// The value as `f64`, exactly.
    fn to_f64(self) -> f64;
    /// Whether this is a NaN.
    fn is_nan(self) -> bool;
    /// `|self|`.
    fn abs(self) -> Self;
    /// `self · b + c`, rounded as often as [`Vector::mul_add`] rounds.
    fn mul_add(self, b: Self, c: Self) -> Self;
}

/// A vector of [`Scalar`]s. Each method is the inherent method of the same name.
pub trait Vector:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + Send
    + Sync
{
    /// The lane type.
    type Scalar: Scalar<Vector = Self>;

    /// The same value in every lane.
    fn splat(v: Self::Scalar) -> Self;
    /// Reads [`Scalar::LANES`] elements from `p`, at any alignment.
    ///
    /// # Safety
    /// They are readable.
    unsafe fn load(p: *const Self::Scalar) -> Self;
    /// Writes [`Scalar::LANES`] elements to `p`, at any alignment.
    ///
    /// # Safety
    /// They are writable.
    unsafe fn store(self, p: *mut Self::Scalar);
    /// Reads one element into every lane.
    ///
    /// # Safety
    /// It is readable.
    unsafe fn load_splat(p: *const Self::Scalar) -> Self;
    /// `self · b + c`, fused where [`crate::FUSED`].
    fn mul_add(self, b: Self, c: Self) -> Self;
    /// Greater of the two, NaN if either is.
    fn max(self, other: Self) -> Self;
    /// Smaller of the two, NaN if either is.
    fn min(self, other: Self) -> Self;
    /// `self < other ? other : self`: one instruction, and `self` where either is NaN (on some
    /// machines NaN).
    fn pmax(self, other: Self) -> Self;
    /// `|self|`.
    fn abs(self) -> Self;
    /// Square root, correctly rounded.
    fn sqrt(self) -> Self;
    /// The sum of the lanes, pairwise.
    fn sum(self) -> Self::Scalar;
    /// The lane at `i`.
    fn lane(self, i: usize) -> Self::Scalar;

    /// Copies a square block of as many rows as lanes, transposed: element (i, j), at `x +
    /// i·x_stride + j`, goes to `out + j·out_stride + i`.
    ///
    /// # Safety
    /// The block is readable at `x`, its transpose writable at `out`, and the two do not overlap.
    unsafe fn transpose(x: *const Self::Scalar, x_stride: isize, out: *mut Self::Scalar, out_stride: isize);

    /// `self` in the last `len` lanes, `fill` in the others: of a vector that ends where a row
    /// does, the part not yet seen.
    fn keep_last(self, len: usize, fill: Self) -> Self;

    /// Reads `len` elements, fewer than a vector, into the first lanes; `fill` goes to the others.
    ///
    /// # Safety
    /// They are readable.
    #[inline(always)]
    unsafe fn load_partial(p: *const Self::Scalar, len: usize, fill: Self::Scalar) -> Self {
        let mut lanes = [fill; 4];
        for (i, lane) in lanes.iter_mut().enumerate().take(len) {
            // SAFETY: the caller's `len` elements.
            *lane = unsafe { *p.add(i) };
        }
        // SAFETY: no vector has more than four lanes.
        unsafe { Self::load(lanes.as_ptr()) }
    }

    /// Writes the first `len` lanes.
    ///
    /// # Safety
    /// `len` elements are writable.
    #[inline(always)]
    unsafe fn store_partial(self, p: *mut Self::Scalar, len: usize) {
        for i in 0..len {
            // SAFETY: the caller's `len` elements.
            unsafe { *p.add(i) = self.lane(i) };
        }
    }
}

macro_rules! vector {
    ($v:ident, $t:ident, $transposed:ident) => {
        impl Scalar for $t {
            type Vector = $v;
            const LANES: usize = $v::LANES;
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const INFINITY: Self = $t::INFINITY;

            #[inline(always)]
            fn from_f64(v: f64) -> Self {
                v as $t
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            fn is_nan(self) -> bool {
                $t::is_nan(self)
            }
            #[inline(always)]
            fn abs(self) -> Self {
                $t::abs(self)
            }
            #[inline(always)]
            fn mul_add(self, b: Self, c: Self) -> Self {
                // Through the vector: a scalar fused multiply-add is a slow library call on
                // WebAssembly.
                $v::splat(self).mul_add($v::splat(b), $v::splat(c)).to_array()[0]
            }
        }

        impl Vector for $v {
            type Scalar = $t;

            #[inline(always)]
            fn splat(v: $t) -> Self {
                $v::splat(v)
            }
            #[inline(always)]
            unsafe fn load(p: *const $t) -> Self {
                // SAFETY: the caller's promise.
                unsafe { $v::load(p) }
            }
            #[inline(always)]
            unsafe fn store(self, p: *mut $t) {
                // SAFETY: the caller's promise.
                unsafe { $v::store(self, p) }
            }
            #[inline(always)]
            unsafe fn load_splat(p: *const $t) -> Self {
                // SAFETY: the caller's promise.
                unsafe { $v::load_splat(p) }
            }
            #[inline(always)]
            fn mul_add(self, b: Self, c: Self) -> Self {
                $v::mul_add(self, b, c)
            }
            #[inline(always)]
            fn max(self, other: Self) -> Self {
                $v::max(self, other)
            }
            #[inline(always)]
            fn min(self, other: Self) -> Self {
                $v::min(self, other)
            }
            #[inline(always)]
            fn pmax(self, other: Self) -> Self {
                $v::pmax(self, other)
            }
            #[inline(always)]
            fn abs(self) -> Self {
                $v::abs(self)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                $v::sqrt(self)
            }
            #[inline(always)]
            fn sum(self) -> $t {
                $v::sum(self)
            }
            #[inline(always)]
            fn lane(self, i: usize) -> $t {
                self.to_array()[i]
            }
            #[inline(always)]
            fn keep_last(self, len: usize, fill: Self) -> Self {
                let from_end: [$t; $v::LANES] = core::array::from_fn(|i| ($v::LANES - i) as $t);
                $v::select($v::from_array(from_end).le($v::splat(len as $t)), self, fill)
            }
            #[inline(always)]
            unsafe fn transpose(x: *const $t, x_stride: isize, out: *mut $t, out_stride: isize) {
                // SAFETY: rows and columns below LANES are inside the caller's blocks.
                unsafe {
                    let rows: [$v; $v::LANES] = core::array::from_fn(|i| $v::load(x.offset(i as isize * x_stride)));
                    for (j, column) in $transposed(rows).into_iter().enumerate() {
                        column.store(out.offset(j as isize * out_stride));
                    }
                }
            }
        }
    };
}

#[inline(always)]
fn transposed_4(r: [F32x4; 4]) -> [F32x4; 4] {
    let (lo01, hi01) = (F32x4::interleave_lo(r[0], r[1]), F32x4::interleave_hi(r[0], r[1]));
    let (lo23, hi23) = (F32x4::interleave_lo(r[2], r[3]), F32x4::interleave_hi(r[2], r[3]));
    [
        F32x4::concat_lo(lo01, lo23),
        F32x4::concat_hi(lo01, lo23),
        F32x4::concat_lo(hi01, hi23),
        F32x4::concat_hi(hi01, hi23),
    ]
}

#[inline(always)]
fn transposed_2(r: [F64x2; 2]) -> [F64x2; 2] {
    [F64x2::interleave_lo(r[0], r[1]), F64x2::interleave_hi(r[0], r[1])]
}

vector!(F32x4, f32, transposed_4);
vector!(F64x2, f64, transposed_2);
