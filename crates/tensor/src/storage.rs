//! Bytes that tensors look at, with a version counter.

use crate::{Result, memory};
use std::cell::{Cell, UnsafeCell};
use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};
use std::rc::Rc;

/// Storages of up to this many bytes keep them inside the storage itself: one allocation instead of two for what small
/// tensors are made of.
const INSIDE: usize = 64;

/// Aligned as every allocation of [`memory`] is.
#[repr(align(16))]
struct Inside(UnsafeCell<[MaybeUninit<u8>; INSIDE]>);

/// A block of bytes shared by a tensor and its views through an `Rc`.
///
/// The version counts in-place changes. Views and detached aliases share the storage and so the version, which is how
/// the tape notices that a saved value was changed.
///
/// Values are read and written through raw pointers because several tensors may look at the same bytes; the crate's
/// invariant is that nobody holds a Rust reference into the bytes across a call that may write them.
pub struct Storage {
    inside: Inside,
    /// Where the bytes are if there are more than [`INSIDE`]; dangling otherwise.
    outside: NonNull<u8>,
    bytes: usize,
    version: Cell<u32>,
}

impl std::fmt::Debug for Storage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Storage({} bytes, version {})", self.bytes, self.version.get())
    }
}

impl Storage {
    /// Allocates `bytes` uninitialised bytes.
    #[inline]
    pub fn uninit(bytes: usize) -> Result<Rc<Self>> {
        let outside = if bytes <= INSIDE {
            memory::count(bytes);
            NonNull::dangling()
        } else {
            memory::allocate(bytes, false)?
        };
        Ok(Storage::shared(outside, bytes))
    }

    /// Allocates `bytes` zeroed bytes.
    pub fn zeroed(bytes: usize) -> Result<Rc<Self>> {
        if bytes > INSIDE {
            return Ok(Storage::shared(memory::allocate(bytes, true)?, bytes));
        }
        let storage = Storage::uninit(bytes)?;
        // SAFETY: the storage has these bytes, and nobody else knows it yet.
        unsafe { ptr::write_bytes(storage.as_ptr(), 0, bytes) };
        Ok(storage)
    }

    #[inline]
    fn shared(outside: NonNull<u8>, bytes: usize) -> Rc<Self> {
        let mut place = Rc::<Storage>::new_uninit();
        let storage = Rc::get_mut(&mut place).map_or(ptr::null_mut(), MaybeUninit::as_mut_ptr);
        // Written field by field: a whole storage moved to its place would carry its bytes, which are not set, along.
        // SAFETY: the place is new, so the reference to it is the only one and not null; `inside` needs no value.
        unsafe {
            (&raw mut (*storage).outside).write(outside);
            (&raw mut (*storage).bytes).write(bytes);
            (&raw mut (*storage).version).write(Cell::new(0));
            place.assume_init()
        }
    }

    /// The first byte. Valid for reads and writes of [`Storage::bytes`] bytes while the storage lives and is not moved,
    /// which no `Rc` allows.
    #[inline]
    pub fn as_ptr(&self) -> *mut u8 {
        if self.bytes <= INSIDE { self.inside.0.get().cast() } else { self.outside.as_ptr() }
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
        if self.bytes <= INSIDE {
            return memory::uncount(self.bytes);
        }
        // SAFETY: pointer and size are those of the allocation, and nothing can reach the storage any more.
        unsafe { memory::release(self.outside, self.bytes) }
    }
}
