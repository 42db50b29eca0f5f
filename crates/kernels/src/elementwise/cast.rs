//! Conversion between dtypes over contiguous memory.
//!
//! The pairs that training meets often have a loop of their own. The other hundred go by way of `i64` or `f64`, a stack buffer at a time, so
//! that ten types need twenty loops.

use super::raw::move_strided;
use crate::dispatch;
use crate::dtype::{Bool, DType, Element};

/// Elements a turn through the wide type.
const CHUNK: usize = 128;

/// Casts `len` elements of `from_dtype` at `from` to `to_dtype` at `to`, as [`Element::cast`] does.
///
/// Cost: one pass.
///
/// # Safety
/// `len` elements must be readable and writable. `to` may be `from` if the sizes are equal, and may not overlap it otherwise.
#[inline(never)]
pub unsafe fn cast_contiguous(from_dtype: DType, from: *const u8, to_dtype: DType, to: *mut u8, len: usize) {
    use DType::{Bool as B, Float32, Float64, Int64, UInt8};
    // SAFETY: the caller's promise, passed on.
    unsafe {
        match (from_dtype, to_dtype) {
            (a, b) if a == b => core::ptr::copy(from, to, len * a.size()),
            (Float32, Float64) => direct::<f32, f64>(from, to, len),
            (Float64, Float32) => direct::<f64, f32>(from, to, len),
            (Int64, Float32) => direct::<i64, f32>(from, to, len),
            (Float32, Int64) => direct::<f32, i64>(from, to, len),
            (B, Float32) => direct::<Bool, f32>(from, to, len),
            (UInt8, Float32) => direct::<u8, f32>(from, to, len),
            (B, Int64) => direct::<Bool, i64>(from, to, len),
            (Float32, B) => direct::<f32, Bool>(from, to, len),
            _ => by_wide(from_dtype, from, to_dtype, to, len),
        }
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

// A function a pair, so that a program loads those it uses.
#[inline(never)]
unsafe fn direct<S: Element, T: Element>(from: *const u8, to: *mut u8, len: usize) {
    let (from, to) = (from.cast::<S>(), to.cast::<T>());
    for i in 0..len {
        // SAFETY: the caller vouches for `len` elements.
        unsafe { to.add(i).write_unaligned(from.add(i).read_unaligned().cast()) };
    }
}

#[inline(never)]
unsafe fn by_wide(from_dtype: DType, from: *const u8, to_dtype: DType, to: *mut u8, len: usize) {
    let mut at = 0;
    while at < len {
        let n = CHUNK.min(len - at);
        // SAFETY: `at + n <= len` elements are there by the caller's promise; a whole chunk is read before it is written.
        unsafe {
            let (from, to) = (from.add(at * from_dtype.size()), to.add(at * to_dtype.size()));
            if from_dtype.is_float() {
                let mut wide = [0f64; CHUNK];
                dispatch!(from_dtype, S => for (i, w) in wide[..n].iter_mut().enumerate() {
                    *w = from.cast::<S>().add(i).read_unaligned().to_f64();
                });
                dispatch!(to_dtype, T => for (i, &w) in wide[..n].iter().enumerate() {
                    to.cast::<T>().add(i).write_unaligned(T::from_f64(w));
                });
            } else {
                let mut wide = [0i64; CHUNK];
                dispatch!(from_dtype, S => for (i, w) in wide[..n].iter_mut().enumerate() {
                    *w = from.cast::<S>().add(i).read_unaligned().to_i64();
                });
                dispatch!(to_dtype, T => for (i, &w) in wide[..n].iter().enumerate() {
                    to.cast::<T>().add(i).write_unaligned(T::from_i64(w));
                });
            }
        }
        at += n;
    }
}
