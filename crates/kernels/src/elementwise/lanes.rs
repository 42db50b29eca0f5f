//! What a loop over contiguous memory needs of an algebra: how many numbers it holds and how to move them.

use adjoint_simd::{M32x4, M64x2};

use crate::algebra::{F32s, F64s, Int, Ring};
use crate::dtype::{Bool, Element};

/// An algebra that loads and stores consecutive elements.
pub(super) trait Lanes: Ring {
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

/// Vectors a turn, for f32. Two share the constants of a formula and overlap their latencies; more spill registers (bench/kernels).
pub(super) type F32Lanes = F32s<2>;

/// Vectors a turn, for f64.
pub(super) type F64Lanes = F64s<2>;

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

impl Lanes for Int<i64> {
    type Element = i64;
    const LEN: usize = 1;

    #[inline(always)]
    unsafe fn load(p: *const i64) -> Self {
        // SAFETY: the caller vouches for the element.
        Self(unsafe { p.read_unaligned() })
    }

    #[inline(always)]
    unsafe fn store(self, p: *mut i64) {
        // SAFETY: the caller vouches for the element.
        unsafe { p.write_unaligned(self.0) }
    }

    #[inline(always)]
    unsafe fn store_mask(mask: bool, p: *mut u8) {
        // SAFETY: the caller vouches for the byte.
        unsafe { p.write(u8::from(mask)) }
    }
}

impl Lanes for Bool {
    type Element = Self;
    const LEN: usize = 1;

    #[inline(always)]
    unsafe fn load(p: *const Self) -> Self {
        // SAFETY: the caller vouches for the element.
        unsafe { p.read() }
    }

    #[inline(always)]
    unsafe fn store(self, p: *mut Self) {
        // SAFETY: the caller vouches for the element.
        unsafe { p.write(self) }
    }

    #[inline(always)]
    unsafe fn store_mask(mask: bool, p: *mut u8) {
        // SAFETY: the caller vouches for the byte.
        unsafe { p.write(u8::from(mask)) }
    }
}
