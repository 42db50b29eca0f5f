//! A caching allocator for the WebAssembly build.
//!
//! A training step asks for the same sizes again and again: nodes, layouts, buffers.
//! [`PoolAllocator`] rounds a request up to a size class and keeps what is freed on that class's
//! list, so that in the steady state an allocation is the head of a list. Classes up to 1 KiB are
//! multiples of 16 bytes, carved from chunks; above, there are four classes to a doubling (at most
//! 25 % waste) and each block comes from the system allocator. When the system has no more memory,
//! the kept large blocks go back to it, and if that is not enough the chunks of which every block
//! is free ([`chunks`]); the system merges them, and the request is tried again.
//!
//! A small request that fails would abort the program: lists, nodes and layouts are made where no
//! error can be returned. So some memory is set aside at the start ([`RESERVE`]) and handed out
//! when the system has no more. From then on [`is_low`] holds, and storages, which every operation
//! allocates and which can fail, are refused until the reserve is whole again. What is somewhat
//! larger and must not fail either, such as the state of a generator, has blocks of its own
//! ([`SPARE`]); storages, which are aligned to [`STEP`], never get one.
//!
//! What is kept for the life of the program, such as what calls look up by op, would keep the chunk
//! it lies in from going back, however little it is. [`PoolAllocator::lasting`] takes such blocks from
//! chunks of their own ([`LASTING`]), the first of which is set aside at the start.
//!
//! Where the WebAssembly memory has grown for a block, it grows once more by a part of what there is
//! ([`Pools::grow_ahead`]): the engine collects its garbage whenever a memory grows, and a model of
//! thousands of parameters would have it do so for each.
//!
//! WebAssembly without shared memory has one thread. With it other threads allocate only while they
//! start and while a loop is spread over them, and then every call takes a lock ([`lock`]); at all
//! other times one thread is at work, and a call costs a look at two words. Natively the tests use
//! instances of their own.

mod chunks;
#[cfg(target_feature = "atomics")]
mod lock;

use chunks::Chunks;
use std::alloc::{GlobalAlloc, Layout, System, alloc, dealloc};
use std::cell::UnsafeCell;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

/// Largest small request, in bytes.
const SMALL: usize = 1024;
/// Small classes are multiples of this, which is also the alignment every block has.
const STEP: usize = 16;
/// Least bytes of a chunk that small blocks are carved from; all are multiples of it.
const CHUNK: usize = 64 * 1024;
/// Most bytes of one.
const LARGEST_CHUNK: usize = 16 * 1024 * 1024;
/// A chunk has at least this part of all before it: each one makes the WebAssembly memory grow,
/// which costs the engine a thousand times as much as a block.
const CHUNK_PART: usize = 8;
/// Bytes set aside for small requests that must not fail: several times what one call makes before
/// it asks for a storage.
const RESERVE: usize = 1 << 20;
/// Bytes of a block for a request above [`SMALL`] that the system has no memory for; larger ones
/// fail, so who makes them asks [`crate::memory::ensure`] before.
pub(crate) const SPARE: usize = 8 * 1024;
/// How many such blocks there are.
const SPARES: usize = u64::BITS as usize;
/// Bytes of a chunk for blocks that are kept for good: those of a hundred ops, and more.
const LASTING: usize = 64 * 1024;
/// Doublings above [`SMALL`] that are cached, up to 1 GiB.
const DOUBLINGS: usize = 20;
const SMALL_CLASSES: usize = SMALL / STEP + 1;
const LARGE_CLASSES: usize = DOUBLINGS * 4 + 1;

/// A free block holds the address of the next one.
#[derive(Clone, Copy)]
struct Block {
    next: *mut Block,
}

/// Where small blocks come from: lists of free ones, and the rest of a chunk.
struct Small {
    lists: [*mut Block; SMALL_CLASSES],
    chunk: *mut u8,
    left: usize,
}

impl Small {
    const fn new() -> Self {
        Small { lists: [ptr::null_mut(); SMALL_CLASSES], chunk: ptr::null_mut(), left: 0 }
    }
}

struct Pools {
    small: [*mut Block; SMALL_CLASSES],
    large: [*mut Block; LARGE_CLASSES],
    chunk: *mut u8,
    chunk_left: usize,
    /// Where blocks that are kept for good come from, or while they do, all others.
    other: Small,
    /// Whether blocks are made that are kept for good.
    is_lasting: bool,
    /// Whether the memory could not grow ahead.
    is_full: bool,
    /// Bytes of all chunks.
    in_chunks: usize,
    /// The chunks that can be given back.
    chunks: Chunks,
    /// The memory set aside; null while it is in use.
    reserve: *mut u8,
    /// The blocks of [`SPARE`] bytes; null until they are set aside.
    spares: *mut u8,
    /// A bit for each of them that is free.
    free_spares: u64,
}

/// Whether the memory set aside by the allocator of the program is in use.
static LOW: AtomicBool = AtomicBool::new(false);

/// Whether the system had no memory for a small request and the reserve serves. A large block that
/// is freed makes it whole again.
#[inline(always)]
pub fn is_low() -> bool {
    LOW.load(Ordering::Relaxed)
}

/// Tries to make the reserve whole, by a large block asked for and freed; false where there is no
/// memory for it.
#[cold]
pub(crate) fn recover() -> bool {
    let Ok(layout) = Layout::from_size_align(2 * RESERVE, STEP) else { return false };
    // SAFETY: the layout's size is not zero, and the block is freed with it.
    unsafe {
        // The compiler may leave out an allocation that is not used.
        let block = std::hint::black_box(alloc(layout));
        if !block.is_null() {
            dealloc(block, layout);
        }
    }
    !is_low()
}

/// See the module.
pub struct PoolAllocator(UnsafeCell<Pools>);

// SAFETY: the WebAssembly build has one thread, or locks where there are others; natively an instance
// stays on the thread of the test that made it.
unsafe impl Sync for PoolAllocator {}

impl PoolAllocator {
    /// An allocator that holds nothing yet.
    pub const fn new() -> Self {
        PoolAllocator(UnsafeCell::new(Pools {
            small: [ptr::null_mut(); SMALL_CLASSES],
            large: [ptr::null_mut(); LARGE_CLASSES],
            chunk: ptr::null_mut(),
            chunk_left: 0,
            other: Small::new(),
            is_lasting: false,
            is_full: false,
            in_chunks: 0,
            chunks: Chunks::new(),
            reserve: ptr::null_mut(),
            spares: ptr::null_mut(),
            free_spares: 0,
        }))
    }

    /// What `make` gives, which is kept for the life of the program: its small blocks lie by themselves. What `make` lets
    /// go of on the way is used again by the next one.
    #[cold]
    pub fn lasting<R>(&self, make: impl FnOnce() -> R) -> R {
        struct Back<'a>(&'a PoolAllocator);
        impl Drop for Back<'_> {
            fn drop(&mut self) {
                #[cfg(target_feature = "atomics")]
                let _locked = lock::lock();
                // SAFETY: one thread at a time, and no reference into the pools outlives a call.
                unsafe { (*self.0.0.get()).swap_small(false) };
            }
        }
        // SAFETY: as above, and only the thread that calls this changes it.
        if unsafe { (*self.0.get()).is_lasting } {
            return make();
        }
        {
            #[cfg(target_feature = "atomics")]
            let _locked = lock::lock();
            // SAFETY: as above.
            unsafe { (*self.0.get()).swap_small(true) };
        }
        let _back = Back(self);
        make()
    }
}

impl Default for PoolAllocator {
    fn default() -> Self {
        PoolAllocator::new()
    }
}

/// The class of a large request and the bytes of its blocks; `None` where it is too large to keep.
fn large_class(size: usize) -> Option<(usize, usize)> {
    // Quarters of the doubling the size is in: sizes in (2^e, 2^(e+1)] round up to 2^e · (1 + q/4).
    let e = usize::BITS - 1 - (size - 1).leading_zeros();
    let base = 1usize << e;
    let quarter = base / 4;
    let q = (size - base).div_ceil(quarter);
    let class = (e as usize - SMALL.trailing_zeros() as usize) * 4 + q;
    (class < LARGE_CLASSES).then(|| (class, base + q * quarter))
}

/// The layout the system allocator sees for a large block.
fn system_layout(bytes: usize) -> Option<Layout> {
    Layout::from_size_align(bytes, STEP).ok()
}

impl Pools {
    #[inline(always)]
    unsafe fn alloc_small(&mut self, class: usize) -> *mut u8 {
        let head = self.small[class];
        if head.is_null() {
            // SAFETY: as the caller's.
            return unsafe { self.carve(class) };
        }
        // SAFETY: blocks on the list are free and hold a `Block`.
        self.small[class] = unsafe { (*head).next };
        head.cast()
    }

    /// A block that was never used: apart, so that the usual way stays a handful of instructions.
    #[cold]
    #[inline(never)]
    unsafe fn carve(&mut self, class: usize) -> *mut u8 {
        let bytes = class * STEP;
        if self.chunk_left < bytes {
            // What is left of the old chunk becomes a block of the class it fills.
            if self.chunk_left >= STEP {
                let rest = self.chunk_left / STEP;
                let block: *mut Block = self.chunk.cast();
                // SAFETY: the rest of the chunk is unused and aligned to STEP.
                unsafe { (*block).next = self.small[rest] };
                self.small[rest] = block;
            }
            if self.in_chunks == 0 && self.reserve.is_null() {
                self.refill();
            }
            let found = self.add_lasting_chunk()
                || self.add_chunk((self.in_chunks / CHUNK_PART / CHUNK * CHUNK).clamp(CHUNK, LARGEST_CHUNK))
                || self.add_chunk(CHUNK)
                || self.add_chunk_after_flush()
                || (self.give_back_chunks() && self.add_chunk(CHUNK))
                || self.use_reserve();
            if !found {
                return ptr::null_mut();
            }
        }
        let block = self.chunk;
        self.chunk = block.wrapping_add(bytes);
        self.chunk_left -= bytes;
        block
    }

    /// Sets memory aside, if the system has it.
    #[cold]
    #[inline(never)]
    fn refill(&mut self) {
        // SAFETY: blocks on the lists are free; the layout's size is not zero.
        unsafe {
            self.flush();
            self.reserve = system_layout(RESERVE).map_or(ptr::null_mut(), |layout| System.alloc(layout));
            if self.spares.is_null() {
                self.other.chunk = system_layout(LASTING).map_or(ptr::null_mut(), |layout| System.alloc(layout));
                self.other.left = if self.other.chunk.is_null() { 0 } else { LASTING };
                self.spares = system_layout(SPARE * SPARES).map_or(ptr::null_mut(), |layout| System.alloc(layout));
                self.free_spares = if self.spares.is_null() { 0 } else { u64::MAX };
            }
        }
        LOW.store(self.reserve.is_null(), Ordering::Relaxed);
    }

    /// A spare block for a request that the system has no memory for; null where the request may
    /// fail, is too large, or none is free.
    #[cold]
    fn take_spare(&mut self, layout: Layout) -> *mut u8 {
        if self.free_spares == 0 || layout.size() > SPARE || layout.align() >= STEP {
            return ptr::null_mut();
        }
        let index = self.free_spares.trailing_zeros();
        self.free_spares &= !(1 << index);
        self.spares.wrapping_add(index as usize * SPARE)
    }

    /// Takes a block back if it is a spare one; false where it is not.
    #[inline]
    fn give_spare(&mut self, pointer: *mut u8) -> bool {
        let at = (pointer as usize).wrapping_sub(self.spares as usize);
        let is_spare = !self.spares.is_null() && at < SPARE * SPARES;
        if is_spare {
            self.free_spares |= 1 << (at / SPARE);
        }
        is_spare
    }

    /// Makes the memory set aside the chunk that blocks are carved from; false where it is in use
    /// already.
    fn use_reserve(&mut self) -> bool {
        let chunk = std::mem::replace(&mut self.reserve, ptr::null_mut());
        LOW.store(true, Ordering::Relaxed);
        if chunk.is_null() {
            return false;
        }
        self.chunk = chunk;
        self.chunk_left = RESERVE;
        self.in_chunks += RESERVE;
        self.chunks.note(chunk, RESERVE);
        true
    }

    /// Exchanges where small blocks come from.
    fn swap_small(&mut self, is_lasting: bool) {
        self.is_lasting = is_lasting;
        std::mem::swap(&mut self.small, &mut self.other.lists);
        std::mem::swap(&mut self.chunk, &mut self.other.chunk);
        std::mem::swap(&mut self.chunk_left, &mut self.other.left);
    }

    /// A fresh chunk for blocks that are kept for good, which is not one that can be given back; false where such are not
    /// made, or the system has no memory for it.
    fn add_lasting_chunk(&mut self) -> bool {
        if !self.is_lasting {
            return false;
        }
        let Some(layout) = system_layout(LASTING) else { return false };
        // SAFETY: the layout's size is not zero.
        self.chunk = unsafe { System.alloc(layout) };
        self.chunk_left = if self.chunk.is_null() { 0 } else { LASTING };
        !self.chunk.is_null()
    }

    /// Has the memory grow by a part of what there is, as blocks that go back at once: the next ones find it there.
    #[cold]
    #[inline(never)]
    fn grow_ahead(&mut self) {
        let bytes = (memory_bytes() / CHUNK_PART / CHUNK * CHUNK).clamp(CHUNK, LARGEST_CHUNK);
        let Some(layout) = system_layout(bytes) else { return };
        if self.is_full {
            return;
        }
        // SAFETY: the layout's size is not zero, and the block is freed with it. The compiler may leave out an allocation
        // that is not used.
        unsafe {
            let block = std::hint::black_box(System.alloc(layout));
            self.is_full = block.is_null();
            if !self.is_full {
                System.dealloc(block, layout);
            }
        }
    }

    /// Makes a fresh chunk the one that blocks are carved from; false where the system has no
    /// memory for it.
    fn add_chunk(&mut self, bytes: usize) -> bool {
        let Some(layout) = system_layout(bytes) else { return false };
        // SAFETY: the layout's size is not zero.
        let chunk = unsafe { System.alloc(layout) };
        self.chunk = chunk;
        self.chunk_left = if chunk.is_null() { 0 } else { bytes };
        self.in_chunks += self.chunk_left;
        if !chunk.is_null() {
            self.chunks.note(chunk, bytes);
        }
        !chunk.is_null()
    }

    /// Gives the chunks back of which every block is free; false where there are none.
    #[cold]
    #[inline(never)]
    fn give_back_chunks(&mut self) -> bool {
        let was_known = self.chunks.has(self.chunk);
        // SAFETY: the lists hold free blocks of the sizes their indices say, and the rest of the
        // last chunk is unused.
        let given = unsafe { self.chunks.give_back(&mut self.small, self.chunk, self.chunk_left) };
        self.in_chunks -= given;
        if was_known && !self.chunks.has(self.chunk) {
            (self.chunk, self.chunk_left) = (ptr::null_mut(), 0);
        }
        given > 0
    }

    /// The same with the kept large blocks given back first.
    #[cold]
    fn add_chunk_after_flush(&mut self) -> bool {
        // SAFETY: blocks on the lists are free.
        unsafe { self.flush() };
        self.add_chunk(CHUNK)
    }

    /// Gives the kept large blocks back to the system.
    unsafe fn flush(&mut self) {
        for (class, list) in self.large.iter_mut().enumerate() {
            let bytes = (SMALL << (class / 4)) / 4 * (4 + class % 4);
            while !list.is_null() {
                let block = *list;
                // SAFETY: blocks on the list are free, hold a `Block`, and were allocated with this
                // layout.
                unsafe {
                    *list = (*block).next;
                    if let Some(layout) = system_layout(bytes) {
                        System.dealloc(block.cast(), layout);
                    }
                }
            }
        }
    }
}

// SAFETY: blocks are disjoint, large enough, aligned to STEP, and stay valid until freed; stricter
// alignments go to the system allocator, and so does every size no class covers.
unsafe impl GlobalAlloc for PoolAllocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        #[cfg(target_feature = "atomics")]
        let _locked = lock::lock();
        // SAFETY: one thread at a time, and no reference into the pools outlives a call.
        let pools = unsafe { &mut *self.0.get() };
        if layout.align() > STEP {
            // SAFETY: the caller's layout.
            return unsafe { from_system(pools, layout) };
        }
        if layout.size() <= SMALL {
            // SAFETY: the class is in range.
            return unsafe { pools.alloc_small(layout.size().max(1).div_ceil(STEP)) };
        }
        // SAFETY: as above.
        unsafe { alloc_large(pools, layout) }
    }

    #[inline]
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        #[cfg(target_feature = "atomics")]
        let _locked = lock::lock();
        // SAFETY: one thread at a time, and no reference into the pools outlives a call.
        let pools = unsafe { &mut *self.0.get() };
        if layout.align() > STEP || layout.size() > SMALL {
            // SAFETY: as above.
            return unsafe { dealloc_large(pools, pointer, layout) };
        }
        // SAFETY: the block is free now, at least STEP bytes and aligned to STEP.
        unsafe { keep(&mut pools.small[layout.size().max(1).div_ceil(STEP)], pointer) }
    }
}

/// Bytes of the WebAssembly memory; natively 0, always.
#[inline(always)]
fn memory_bytes() -> usize {
    #[cfg(target_arch = "wasm32")]
    return std::arch::wasm32::memory_size::<0>() * 64 * 1024;
    #[cfg(not(target_arch = "wasm32"))]
    0
}

/// Puts a free block on a list.
///
/// # Safety
/// The block has no user, which is at least STEP bytes and aligned to STEP.
#[inline(always)]
unsafe fn keep(list: &mut *mut Block, pointer: *mut u8) {
    let block: *mut Block = pointer.cast();
    // SAFETY: the caller's promise.
    unsafe { (*block).next = *list };
    *list = block;
}

/// # Safety
/// As `GlobalAlloc::alloc`.
#[inline(never)]
unsafe fn from_system(pools: &mut Pools, layout: Layout) -> *mut u8 {
    // SAFETY: the caller's layout; flushing gives back free blocks.
    unsafe {
        let before = memory_bytes();
        let pointer = System.alloc(layout);
        if !pointer.is_null() {
            if memory_bytes() > before {
                pools.grow_ahead();
            }
            return pointer;
        }
        pools.flush();
        let pointer = System.alloc(layout);
        if !pointer.is_null() || !pools.give_back_chunks() {
            return pointer;
        }
        System.alloc(layout)
    }
}

/// # Safety
/// As `GlobalAlloc::dealloc`, for a block that is no small one.
#[inline(never)]
unsafe fn dealloc_large(pools: &mut Pools, pointer: *mut u8, layout: Layout) {
    if pools.give_spare(pointer) {
        return;
    }
    let class = if layout.align() > STEP { None } else { large_class(layout.size()) };
    match class {
        // SAFETY: the block is free now, larger than SMALL and aligned to STEP.
        Some((class, _)) => unsafe { keep(&mut pools.large[class], pointer) },
        // SAFETY: such blocks came from the system allocator with this layout.
        None => unsafe { System.dealloc(pointer, layout) },
    }
    if is_low() && pools.reserve.is_null() {
        pools.refill();
    }
}

#[inline(never)]
unsafe fn alloc_large(pools: &mut Pools, layout: Layout) -> *mut u8 {
    let (class, bytes) = match large_class(layout.size()) {
        Some((class, bytes)) => (Some(class), bytes),
        None => (None, layout.size()),
    };
    if let Some(class) = class {
        let head = pools.large[class];
        if !head.is_null() {
            // SAFETY: blocks on the list are free and hold a `Block`.
            pools.large[class] = unsafe { (*head).next };
            return head.cast();
        }
    }
    let block = match class {
        Some(_) => match system_layout(bytes) {
            Some(layout) => layout,
            None => return ptr::null_mut(),
        },
        None => layout,
    };
    // SAFETY: the layout's size is not zero.
    let pointer = unsafe { from_system(pools, block) };
    if pointer.is_null() { pools.take_spare(layout) } else { pointer }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_cover_every_size_with_at_most_a_quarter_of_waste() {
        let mut last = 0;
        for size in (SMALL + 1..200_000).chain([1 << 20, (1 << 20) + 1, 999_999_999]) {
            let (class, bytes) = large_class(size).unwrap();
            assert!(bytes >= size && bytes - size <= size / 4 + 1, "{size} -> {bytes}");
            assert!(class >= last, "{size}");
            assert_eq!(bytes, (SMALL << (class / 4)) / 4 * (4 + class % 4), "class {class} of {size}");
            last = class;
        }
        assert!(large_class(usize::MAX / 2).is_none());
    }

    #[test]
    fn blocks_do_not_overlap_and_are_used_again() {
        let pool = PoolAllocator::new();
        let mut live: Vec<(*mut u8, Layout, u8)> = Vec::new();
        let mut seed = 12345u64;
        let mut next = || {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed as usize
        };
        for round in 0..20_000 {
            if live.len() > 200 || (round % 3 == 0 && !live.is_empty()) {
                let (pointer, layout, mark) = live.swap_remove(next() % live.len());
                // SAFETY: the block is live and was filled with its mark.
                unsafe {
                    assert!((0..layout.size()).all(|i| *pointer.add(i) == mark), "a block was overwritten");
                    pool.dealloc(pointer, layout);
                }
            } else {
                let size = if next() % 4 == 0 { next() % 100_000 } else { next() % 1500 };
                let layout = Layout::from_size_align(size.max(1), 1 << (next() % 6)).unwrap();
                // SAFETY: the size is not zero; the block holds `size` bytes.
                unsafe {
                    let pointer = pool.alloc(layout);
                    assert!(!pointer.is_null() && (pointer as usize).is_multiple_of(layout.align()));
                    let mark = next() as u8;
                    ptr::write_bytes(pointer, mark, layout.size());
                    live.push((pointer, layout, mark));
                }
            }
        }
        let layout = Layout::from_size_align(5000, 16).unwrap();
        // SAFETY: allocated and freed with the same layout.
        unsafe {
            let a = pool.alloc(layout);
            pool.dealloc(a, layout);
            assert_eq!(pool.alloc(layout), a);
        }
    }

    #[test]
    fn spare_blocks_serve_what_must_not_fail_and_come_back() {
        let pool = PoolAllocator::new();
        let state = Layout::from_size_align(2496, 4).unwrap();
        // SAFETY: the sizes are not zero, and blocks are freed with the layout they were made for.
        // One thread.
        unsafe {
            // The first small block sets them aside.
            pool.alloc(Layout::from_size_align(16, 4).unwrap());
            let pools = &mut *pool.0.get();
            let taken: Vec<*mut u8> = (0..SPARES).map(|_| pools.take_spare(state)).collect();
            for (i, &block) in taken.iter().enumerate() {
                assert!(!block.is_null());
                ptr::write_bytes(block, i as u8, SPARE);
            }
            assert!(taken.iter().enumerate().all(|(i, &block)| *block == i as u8 && *block.add(SPARE - 1) == i as u8));
            assert!(pools.take_spare(state).is_null(), "more than there are");
            pool.dealloc(taken[5], state);
            assert_eq!(pools.take_spare(state), taken[5]);
            taken.iter().for_each(|&block| pool.dealloc(block, state));
            assert_eq!(pools.free_spares, u64::MAX);
            assert!(pools.take_spare(Layout::from_size_align(2496, STEP).unwrap()).is_null(), "a storage");
            assert!(pools.take_spare(Layout::from_size_align(SPARE + 1, 4).unwrap()).is_null(), "too large");
        }
    }

    #[test]
    fn chunks_grow_with_what_is_in_them() {
        let pool = PoolAllocator::new();
        let layout = Layout::from_size_align(SMALL, STEP).unwrap();
        let (mut chunks, mut seen) = (0, 0);
        for _ in 0..64 * 1024 {
            // SAFETY: the size is not zero. Chunks stay until the process ends.
            unsafe { pool.alloc(layout) };
            // SAFETY: one thread.
            let in_chunks = unsafe { (*pool.0.get()).in_chunks };
            chunks += usize::from(in_chunks != seen);
            seen = in_chunks;
        }
        // 64 MiB; a thousand chunks if they did not grow.
        assert!(chunks < 60, "{chunks} chunks");
        assert!(seen < 80 << 20, "{seen} bytes in chunks");
    }

    #[test]
    fn what_is_kept_for_good_keeps_no_chunk() {
        let pool = PoolAllocator::new();
        let layout = Layout::from_size_align(208, STEP).unwrap();
        let in_chunks = || {
            // SAFETY: one thread.
            unsafe { (*pool.0.get()).in_chunks }
        };
        // SAFETY: one thread; blocks are freed with the layout they were made for.
        unsafe {
            let mut kept = Vec::new();
            for round in 0..20u8 {
                let live: Vec<*mut u8> = (0..5_000).map(|_| pool.alloc(layout)).collect();
                let lasting = pool.lasting(|| {
                    let rest = pool.alloc(layout);
                    let block = pool.lasting(|| pool.alloc(layout));
                    pool.dealloc(rest, layout);
                    block
                });
                ptr::write_bytes(lasting, round, layout.size());
                kept.push(lasting);
                live.into_iter().for_each(|block| pool.dealloc(block, layout));
                assert!((*pool.0.get()).give_back_chunks(), "round {round}");
                assert_eq!(in_chunks(), 0, "round {round}");
            }
            for (round, block) in (0u8..).zip(&kept) {
                assert!((0..layout.size()).all(|i| *block.add(i) == round), "a block was given out again");
            }
            // More than one chunk of them.
            for _ in 0..LASTING / 100 {
                assert!(!pool.lasting(|| pool.alloc(layout)).is_null());
            }
            assert_eq!(in_chunks(), 0);
        }
    }

    #[test]
    fn chunks_of_which_every_block_is_free_go_back_to_the_system() {
        let pool = PoolAllocator::new();
        let sizes = [16, 48, 208, SMALL];
        let layouts = sizes.map(|bytes| Layout::from_size_align(bytes, STEP).unwrap());
        let in_chunks = || {
            // SAFETY: one thread.
            unsafe { (*pool.0.get()).in_chunks }
        };
        // SAFETY: one thread; blocks are freed with the layout they were made for and not used
        // afterwards.
        unsafe {
            let mut live: Vec<(*mut u8, Layout)> =
                (0..100_000).map(|i| (pool.alloc(layouts[i % 4]), layouts[i % 4])).collect();
            let most = in_chunks();
            assert!(!(*pool.0.get()).give_back_chunks(), "all are in use");
            // One block keeps its chunk, and the list it is on whole.
            let kept = live.swap_remove(40_000);
            ptr::write_bytes(kept.0, 7, kept.1.size());
            live.drain(..).for_each(|(block, layout)| pool.dealloc(block, layout));
            assert!((*pool.0.get()).give_back_chunks());
            assert!(in_chunks() > 0 && in_chunks() < most / 4, "{} of {most} bytes are kept", in_chunks());
            assert!(!(*pool.0.get()).give_back_chunks(), "twice");
            let again: Vec<(*mut u8, Layout)> =
                (0..100_000).map(|i| (pool.alloc(layouts[i % 4]), layouts[i % 4])).collect();
            again.iter().for_each(|(block, layout)| ptr::write_bytes(*block, 1, layout.size()));
            assert!((0..kept.1.size()).all(|i| *kept.0.add(i) == 7), "a block in use was given out again");
            again.iter().for_each(|(block, layout)| pool.dealloc(*block, *layout));
            pool.dealloc(kept.0, kept.1);
            assert!((*pool.0.get()).give_back_chunks());
            assert_eq!(in_chunks(), 0);
            assert!((*pool.0.get()).chunk.is_null());
            pool.dealloc(pool.alloc(layouts[0]), layouts[0]);
        }
    }
}
