//! Bytes that tensors look at, with a version counter.

use crate::{Result, memory};
use std::cell::Cell;
use std::ptr::NonNull;

/// A block of bytes shared by a tensor and its views through an `Rc`.
///
/// The version counts in-place changes. Views and detached aliases share the storage and so the version, which is how
/// the tape notices that a saved value was changed.
///
/// Values are read and written through raw pointers because several tensors may look at the same bytes; the crate's
/// invariant is that nobody holds a Rust reference into the bytes across a call that may write them.
#[derive(Debug)]
pub struct Storage {
    pointer: NonNull<u8>,
    bytes: usize,
    version: Cell<u32>,
}

impl Storage {
    /// Allocates `bytes` uninitialised bytes.
    pub fn uninit(bytes: usize) -> Result<Self> {
        Ok(Storage { pointer: memory::allocate(bytes, false)?, bytes, version: Cell::new(0) })
    }

    /// Allocates `bytes` zeroed bytes.
    pub fn zeroed(bytes: usize) -> Result<Self> {
        Ok(Storage { pointer: memory::allocate(bytes, true)?, bytes, version: Cell::new(0) })
    }

    /// The first byte. Valid for reads and writes of [`Storage::bytes`] bytes while the storage lives.
    #[inline]
    pub fn as_ptr(&self) -> *mut u8 {
        self.pointer.as_ptr()
    }

    /// The size in bytes.
    #[inline]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many in-place changes there were.
    #[inline]
    pub fn version(&self) -> u32 {
        self.version.get()
    }

    /// Notes an in-place change.
    #[inline]
    pub fn bump_version(&self) {
        self.version.set(self.version.get().wrapping_add(1));
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        // SAFETY: pointer and size are those of the allocation, and nothing can reach the storage any more.
        unsafe { memory::release(self.pointer, self.bytes) }
    }
}
