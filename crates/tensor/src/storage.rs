//! Bytes that tensors look at, with a version counter.

use crate::{Result, allocator, memory};
use std::alloc::{Layout, alloc, dealloc};
use std::cell::Cell;
use std::ptr::{self, NonNull};

/// Storages of up to this many bytes are in one block with their head, which the small classes of
/// the allocator have space for: one allocation instead of two.
const INSIDE: usize = 1024 - size_of::<Head>();

/// Storages of up to this many bytes are all of one size. A size that is known beforehand makes an
/// allocation a handful of instructions instead of a call, and most tensors of programs that make
/// many are as small as that.
const TINY: usize = 32;

/// Set in the size of an alias: a head of its own for the bytes of another storage. No storage is
/// as large.
const ALIAS: usize = 1 << (usize::BITS - 1);

/// What is known of a storage; as wide as the bytes behind it are aligned.
#[repr(align(16))]
struct Head {
    holders: Cell<usize>,
    version: Cell<u32>,
    /// The size, with [`ALIAS`] where the bytes are another storage's, which then is stored behind
    /// this head.
    bytes: usize,
    /// The first byte: right behind the head, in a block of its own, or another storage's.
    start: *mut u8,
}

// An alias holds the storage of the bytes in the space that every head has behind it.
const _: () = assert!(size_of::<Storage>() <= TINY && align_of::<Storage>() <= align_of::<Head>());

/// A block of bytes shared by a tensor and its views: a counted pointer, as an `Rc`, to a head with
/// the bytes behind it.
///
/// The version counts in-place changes. Views and detached aliases share the storage and so the
/// version, which is how the tape notices that a saved value was changed.
///
/// Values are read and written through raw pointers because several tensors may look at the same
/// bytes; the crate's invariant is that nothing holds a Rust reference into the bytes across a call
/// that may write them.
pub struct Storage(NonNull<Head>);

impl std::fmt::Debug for Storage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Storage({} bytes, version {})", self.bytes(), self.version())
    }
}

impl Storage {
    /// Allocates `bytes` uninitialized bytes.
    #[inline(always)]
    pub fn uninit(bytes: usize) -> Result<Self> {
        if bytes > INSIDE {
            return Storage::apart(bytes, false);
        }
        let head = Storage::head_with(bytes)?;
        // SAFETY: the block has space for the bytes behind the head, which has no padding at its
        // end.
        unsafe { (&raw mut (*head.as_ptr()).start).write(head.add(1).as_ptr().cast()) };
        memory::count(bytes);
        Ok(Storage(head))
    }

    /// Allocates `bytes` zeroed bytes.
    pub fn zeroed(bytes: usize) -> Result<Self> {
        if bytes > INSIDE {
            return Storage::apart(bytes, true);
        }
        let storage = Storage::uninit(bytes)?;
        // SAFETY: the storage has these bytes, and nothing else knows it yet.
        unsafe { ptr::write_bytes(storage.as_ptr(), 0, bytes) };
        Ok(storage)
    }

    /// A storage whose bytes are a block of their own, so that a power of two of them stays one.
    #[inline(never)]
    fn apart(bytes: usize, zeroed: bool) -> Result<Self> {
        let start = memory::allocate(bytes, zeroed)?;
        let head = match Storage::head_with(0) {
            Ok(head) => head,
            Err(e) => {
                // SAFETY: just allocated, and not used.
                unsafe { memory::release(start, bytes) };
                return Err(e);
            }
        };
        // SAFETY: the head is valid, and nothing else knows it yet.
        unsafe {
            (*head.as_ptr()).bytes = bytes;
            (*head.as_ptr()).start = start.as_ptr();
        }
        Ok(Storage(head))
    }

    /// The same bytes with a version counter of their own, which starts at `version`, as PyTorch's
    /// `t.data` has: changes made through one are not counted by the other.
    pub fn alias(&self, version: u32) -> Result<Self> {
        let head = Storage::head_with(0)?;
        // SAFETY: the head is valid and nothing else knows it yet; behind it is space for a
        // storage, aligned for one.
        unsafe {
            (*head.as_ptr()).bytes = self.bytes() | ALIAS;
            (*head.as_ptr()).start = self.as_ptr();
            (*head.as_ptr()).version.set(version);
            head.add(1).cast::<Storage>().write(self.clone());
        }
        Ok(Storage(head))
    }

    /// A head with space for `inside` bytes behind it. Its start is not right yet.
    #[inline(always)]
    fn head_with(inside: usize) -> Result<NonNull<Head>> {
        if allocator::is_low() && !allocator::recover() {
            return Err(memory::out_of_memory(inside));
        }
        // SAFETY: the layout's size is not zero.
        let block = unsafe { if inside <= TINY { alloc(block(TINY)) } else { alloc(block(inside)) } }.cast::<Head>();
        let Some(head) = NonNull::new(block) else { return Err(memory::out_of_memory(inside)) };
        let first = Head { holders: Cell::new(1), version: Cell::new(0), bytes: inside, start: ptr::null_mut() };
        // SAFETY: the block has space for a head and is aligned for one.
        unsafe { head.write(first) };
        Ok(head)
    }

    #[inline]
    fn head(&self) -> &Head {
        // SAFETY: the head lives while anything holds the storage, and of what it says only cells
        // change.
        unsafe { self.0.as_ref() }
    }

    /// The first byte. Valid for reads and writes of [`Storage::bytes`] bytes while the storage
    /// lives.
    #[inline]
    pub fn as_ptr(&self) -> *mut u8 {
        self.head().start
    }

    /// The size in bytes.
    #[inline]
    pub fn bytes(&self) -> usize {
        self.head().bytes & !ALIAS
    }

    /// How many in-place changes there were.
    #[inline]
    pub fn version(&self) -> u32 {
        self.head().version.get()
    }

    /// Notes an in-place change.
    #[inline]
    pub fn bump_version(&self) {
        let version = &self.head().version;
        version.set(version.get().wrapping_add(1));
    }

    /// Whether nothing else holds it. Of an alias that is not known.
    #[inline]
    pub fn is_unshared(&self) -> bool {
        let head = self.head();
        head.holders.get() == 1 && head.bytes & ALIAS == 0
    }

    /// Whether both are the same bytes.
    #[inline]
    pub fn is_same(&self, other: &Storage) -> bool {
        self.0 == other.0 || self.as_ptr() == other.as_ptr()
    }

    /// Frees what nothing holds any more.
    #[inline(always)]
    fn free(&mut self) {
        // The size of an alias is large by its mark.
        let bytes = self.head().bytes;
        if bytes > TINY {
            return self.free_larger();
        }
        memory::uncount(bytes);
        // SAFETY: the block was allocated with this layout; nothing can reach the head any more,
        // which has nothing to drop.
        unsafe { dealloc(self.0.as_ptr().cast(), block(TINY)) };
    }

    #[inline(never)]
    fn free_larger(&mut self) {
        if self.head().bytes & ALIAS != 0 {
            // SAFETY: an alias was written with the storage of the bytes behind its head, and
            // nothing can reach it any more; its block is that of a head with no bytes inside.
            unsafe {
                drop(self.0.add(1).cast::<Storage>().read());
                dealloc(self.0.as_ptr().cast(), block(TINY));
            }
            return;
        }
        let (bytes, start) = (self.bytes(), self.as_ptr());
        let inside = if bytes <= INSIDE {
            memory::uncount(bytes);
            bytes
        } else {
            // SAFETY: start and size are those of the allocation, and nothing can reach the bytes
            // any more.
            unsafe { memory::release(NonNull::new_unchecked(start), bytes) };
            0
        };
        // SAFETY: as in `free`; the head of bytes that are apart has the space for tiny ones behind
        // it.
        unsafe { dealloc(self.0.as_ptr().cast(), block(inside.max(TINY))) };
    }
}

/// The layout of a head with so many bytes behind it.
#[inline]
fn block(inside: usize) -> Layout {
    debug_assert!(inside <= INSIDE);
    // SAFETY: the alignment is a power of two, and the size at most 1024.
    unsafe { Layout::from_size_align_unchecked(size_of::<Head>() + inside, align_of::<Head>()) }
}

impl Clone for Storage {
    #[inline]
    fn clone(&self) -> Self {
        let holders = &self.head().holders;
        // Only a program that forgets holders can count so far; what it did not drop must not be
        // freed.
        if holders.get() == usize::MAX {
            std::process::abort();
        }
        holders.set(holders.get() + 1);
        Storage(self.0)
    }
}

impl Drop for Storage {
    #[inline]
    fn drop(&mut self) {
        let holders = &self.head().holders;
        holders.set(holders.get() - 1);
        if holders.get() == 0 {
            self.free();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_shares_the_bytes_and_counts_its_own_changes() {
        for bytes in [0, 8, 100, 4096] {
            let storage = Storage::zeroed(bytes).unwrap();
            storage.bump_version();
            let alias = storage.alias(0).unwrap();
            assert!(alias.is_same(&storage) && storage.is_same(&alias));
            assert_eq!((alias.bytes(), alias.version(), storage.version()), (bytes, 0, 1));
            alias.bump_version();
            alias.bump_version();
            assert_eq!((alias.version(), storage.version()), (2, 1));
            assert!(!alias.is_unshared() && !storage.is_unshared());
        }
    }

    #[test]
    fn an_alias_keeps_the_bytes_alive_and_gives_them_back() {
        let storage = Storage::zeroed(4096).unwrap();
        let alias = storage.alias(5).unwrap();
        let second = alias.alias(0).unwrap();
        assert_eq!(alias.version(), 5);
        drop(storage);
        drop(alias);
        // SAFETY: the bytes live as long as any storage of them.
        unsafe { second.as_ptr().add(4095).write(7) };
        let other = Storage::zeroed(8).unwrap();
        assert!(!other.is_same(&second) && other.is_unshared());
    }
}
