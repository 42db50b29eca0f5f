//! What a loop over contiguous memory needs of an algebra: how many numbers it holds and how to
//! move them.

use adjoint_simd::{M32x4, M64x2};

use crate::algebra::{Bools, F32s, F64s, Int, Many, Ring};
use crate::dtype::{Bool, Element};

/// An algebra that loads and stores consecutive elements.
pub(crate) trait Lanes: Ring {
    /// The element in memory.
    type Element: Element;

    /// Elements at a time.
    const LEN: usize;

    /// Reads [`LEN`](Self::LEN) elements.
    ///
    /// # Safety
    /// They must be readable.
    unsafe fn load(p: *const Self::Element) -> Self;

    /// Writes [`LEN`](Self::LEN) elements.
    ///
    /// # Safety
    /// They must be writable.
    unsafe fn store(self, p: *mut Self::Element);

    /// Writes [`LEN`](Self::LEN) answers as bytes 0 and 1.
    ///
    /// # Safety
    /// They must be writable.
    unsafe fn store_mask(mask: Self::Mask, p: *mut u8);
}

/// Vectors an iteration, for f32. Two share the constants of a formula and overlap their latencies;
/// more spill registers (bench/kernels).
pub(crate) type F32Lanes = F32s<2>;

/// Vectors an iteration, for f64.
pub(crate) type F64Lanes = F64s<2>;

impl Lanes for F32Lanes {
    type Element = f32;
    const LEN: usize = 8;

    #[inline(always)]
    unsafe fn load(p: *const f32) -> Self {
        // SAFETY: the caller vouches for LEN elements.
        unsafe { Self::load(p) }
    }

    #[inline(always)]
    unsafe fn store(self, p: *mut f32) {
        // SAFETY: the caller vouches for LEN elements.
        unsafe { self.store(p) }
    }

    #[inline(always)]
    unsafe fn store_mask(mask: Self::Mask, p: *mut u8) {
        let [lo, hi] = mask.0;
        // SAFETY: the caller vouches for LEN bytes.
        unsafe { p.cast::<[u8; 8]>().write_unaligned(M32x4::to_bytes(lo, hi)) }
    }
}

impl Lanes for F64Lanes {
    type Element = f64;
    const LEN: usize = 4;

    #[inline(always)]
    unsafe fn load(p: *const f64) -> Self {
        // SAFETY: the caller vouches for LEN elements.
        unsafe { Self::load(p) }
    }

    #[inline(always)]
    unsafe fn store(self, p: *mut f64) {
        // SAFETY: the caller vouches for LEN elements.
        unsafe { self.store(p) }
    }

    #[inline(always)]
    unsafe fn store_mask(mask: Self::Mask, p: *mut u8) {
        let [lo, hi] = mask.0;
        // SAFETY: the caller vouches for LEN bytes.
        unsafe { p.cast::<[u8; 4]>().write_unaligned(M64x2::to_bytes(lo, hi)) }
    }
}

/// Elements an iteration, for int64: two vectors.
pub(crate) type I64Lanes = Many<Int<i64>, 4>;

/// Elements an iteration, for bool: two vectors.
pub(crate) type BoolLanes = Bools;

impl Lanes for I64Lanes {
    type Element = i64;
    const LEN: usize = 4;

    #[inline(always)]
    unsafe fn load(p: *const i64) -> Self {
        // SAFETY: the caller vouches for LEN elements; `Int` is its number.
        unsafe { p.cast::<Self>().read_unaligned() }
    }

    #[inline(always)]
    unsafe fn store(self, p: *mut i64) {
        // SAFETY: the caller vouches for LEN elements.
        unsafe { p.cast::<Self>().write_unaligned(self) }
    }

    #[inline(always)]
    unsafe fn store_mask(mask: Self::Mask, p: *mut u8) {
        // SAFETY: the caller vouches for LEN bytes.
        unsafe { p.cast::<[u8; 4]>().write_unaligned(mask.0.map(u8::from)) }
    }
}

impl Lanes for BoolLanes {
    type Element = Bool;
    const LEN: usize = 32;

    #[inline(always)]
    unsafe fn load(p: *const Bool) -> Self {
        // SAFETY: the caller vouches for LEN elements.
        unsafe { p.cast::<Self>().read_unaligned() }
    }

    #[inline(always)]
    unsafe fn store(self, p: *mut Bool) {
        // SAFETY: the caller vouches for LEN elements.
        unsafe { p.cast::<Self>().write_unaligned(self) }
    }

    #[inline(always)]
    unsafe fn store_mask(mask: Self::Mask, p: *mut u8) {
        // SAFETY: the caller vouches for LEN bytes.
        unsafe { p.cast::<Self>().write_unaligned(mask) }
    }
}
