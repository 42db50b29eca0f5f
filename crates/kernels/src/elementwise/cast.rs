//! Conversion between dtypes over contiguous memory.
//!
//! The pairs that programs meet often have a [loop](convert) of their own. The others take two of
//! them, by way of f32, int32 or int64, a stack buffer at a time. (Compiled one by one, all ninety
//! pairs would be three times the code.)

use core::mem::MaybeUninit;

use super::convert::convert;
use super::raw::move_strided;
use crate::dtype::DType;

/// Elements that go through the buffer together.
const CHUNK: usize = 256;

/// Casts `len` elements of `from_dtype` at `from` to `to_dtype` at `to`, as
/// [`Element::cast`](crate::dtype::Element::cast) does.
///
/// Cost: one pass.
///
/// # Safety
/// `len` elements must be readable and writable, aligned to their dtypes. The two may not overlap
/// unless the dtypes are the same.
#[inline(never)]
pub unsafe fn cast_contiguous(from_dtype: DType, from: *const u8, to_dtype: DType, to: *mut u8, len: usize) {
    // SAFETY: the caller's promise, passed on.
    unsafe {
        if from_dtype == to_dtype {
            core::ptr::copy(from, to, len * from_dtype.size());
        } else if !convert(from_dtype, from, to_dtype, to, len) {
            through(between(from_dtype, to_dtype), from_dtype, from, to_dtype, to, len);
        }
    }
}

/// The dtype a pair without a loop goes through. Each part has one, and the two give what one
/// would.
fn between(from: DType, to: DType) -> DType {
    use DType::{Float32, Float64, Int32, Int64, UInt8};
    match (from, to) {
        // A float32 holds every half, and PyTorch rounds to halves from it.
        (a, b) if a.is_half() || b.is_half() => Float32,
        // The low byte is that of 64 bits.
        (Float64, UInt8) => Int64,
        _ => Int32,
    }
}

/// # Safety
/// As [`cast_contiguous`].
#[inline(never)]
unsafe fn through(wide: DType, from_dtype: DType, from: *const u8, to_dtype: DType, to: *mut u8, len: usize) {
    let mut buffer = [const { MaybeUninit::<u64>::uninit() }; CHUNK];
    let buffer = buffer.as_mut_ptr().cast::<u8>();
    let mut at = 0;
    while at < len {
        let n = CHUNK.min(len - at);
        // SAFETY: `at + n <= len` elements are there by the caller's promise; the buffer holds a
        // chunk of the widest elements.
        let done = unsafe {
            let (from, to) = (from.add(at * from_dtype.size()), to.add(at * to_dtype.size()));
            convert(from_dtype, from, wide, buffer, n) && convert(wide, buffer, to_dtype, to, n)
        };
        assert!(done, "{from_dtype:?} has no cast to {to_dtype:?} through {wide:?}");
        at += n;
    }
}

/// Writes the one element at `from`, cast, `len` times.
///
/// # Safety
/// One element must be readable, and `len` writable; they may not overlap.
pub unsafe fn spread(from_dtype: DType, from: *const u8, to_dtype: DType, to: *mut u8, len: usize) {
    if len == 0 {
        return;
    }
    // SAFETY: the caller's promise; the first element written is the one repeated.
    unsafe {
        cast_contiguous(from_dtype, from, to_dtype, to, 1);
        move_strided(to_dtype.size(), to, 0, to.add(to_dtype.size()), 1, len - 1);
    }
}
