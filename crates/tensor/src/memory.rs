//! Allocation of storage bytes, and their accounting.
//!
//! A request that cannot be met is an [`Error`] of kind [`Code::OutOfMemory`], never an abort: the
//! tape stays as it was.

use crate::{Code, Error, Result, allocator};
use std::alloc::{Layout, alloc, alloc_zeroed, dealloc};
use std::cell::Cell;
use std::ptr::NonNull;

/// Every storage starts at a multiple of this many bytes, a vector's width.
pub const ALIGN: usize = 16;

thread_local! {
    static LIVE_BYTES: Cell<usize> = const { Cell::new(0) };
    // Only grows; what was allocated so far is this and what lives.
    static FREED_BYTES: Cell<u64> = const { Cell::new(0) };
    static PEAK_BYTES: Cell<usize> = const { Cell::new(0) };
    static LIVE_STORAGES: Cell<usize> = const { Cell::new(0) };
}

/// What is allocated now, and the most there was since [`reset_peak`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Bytes held by living storages.
    pub live_bytes: usize,
    /// The highest `live_bytes` since the start or the last [`reset_peak`].
    pub peak_bytes: usize,
    /// How many storages live.
    pub live_storages: usize,
}

fn live_bytes() -> usize {
    LIVE_BYTES.get()
}

/// Bytes of all storages allocated so far, whether they still live or not.
#[inline]
pub fn allocated_bytes() -> u64 {
    FREED_BYTES.get() + LIVE_BYTES.get() as u64
}

/// Reads the counters.
pub fn stats() -> Stats {
    Stats { live_bytes: live_bytes(), peak_bytes: PEAK_BYTES.get(), live_storages: LIVE_STORAGES.get() }
}

/// Starts a new measurement of the peak.
pub fn reset_peak() {
    PEAK_BYTES.set(live_bytes());
}

fn layout(bytes: usize) -> Option<Layout> {
    Layout::from_size_align(bytes.max(1), ALIGN).ok()
}

/// Allocates `bytes` bytes, zeroed on request. Zero bytes give a valid, unique pointer.
pub(crate) fn allocate(bytes: usize, zeroed: bool) -> Result<NonNull<u8>> {
    let pointer = block(bytes, zeroed)?;
    count(bytes);
    Ok(pointer)
}

/// The same without counting it as a storage.
fn block(bytes: usize, zeroed: bool) -> Result<NonNull<u8>> {
    if allocator::is_low() && !allocator::recover() {
        return Err(out_of_memory(bytes));
    }
    let pointer = layout(bytes).and_then(|layout| {
        // SAFETY: the layout's size is not zero.
        NonNull::new(unsafe { if zeroed { alloc_zeroed(layout) } else { alloc(layout) } })
    });
    pointer.ok_or_else(|| out_of_memory(bytes))
}

/// Fails unless `bytes` could be allocated now. What follows at once and takes no more in all will
/// not run out of memory. What the allocator has set aside for requests that cannot fail is enough for
/// [`allocator::SPARE`] bytes, so fewer are not asked for.
pub fn ensure(bytes: usize) -> Result<()> {
    if bytes <= allocator::SPARE {
        return Ok(());
    }
    // The compiler may leave out an allocation that is not used, and then it succeeds.
    let pointer = std::hint::black_box(block(bytes, false)?);
    if let Some(layout) = layout(bytes) {
        // SAFETY: just allocated with this layout, and not used.
        unsafe { dealloc(pointer.as_ptr(), layout) };
    }
    Ok(())
}

/// Counts a storage that comes to life.
#[inline]
pub(crate) fn count(bytes: usize) {
    let live = LIVE_BYTES.get() + bytes;
    LIVE_BYTES.set(live);
    if live > PEAK_BYTES.get() {
        PEAK_BYTES.set(live);
    }
    LIVE_STORAGES.set(LIVE_STORAGES.get() + 1);
}

/// Counts a storage that goes.
#[inline]
pub(crate) fn uncount(bytes: usize) {
    LIVE_BYTES.set(LIVE_BYTES.get() - bytes);
    FREED_BYTES.set(FREED_BYTES.get() + bytes as u64);
    LIVE_STORAGES.set(LIVE_STORAGES.get() - 1);
}

/// The error where `bytes` bytes cannot be had.
#[cold]
pub fn out_of_memory(bytes: usize) -> Error {
    Error::new(
        Code::OutOfMemory,
        format!(
            "cannot allocate {bytes} bytes with {} bytes live; dispose tensors or use scope() to release them earlier",
            live_bytes()
        ),
    )
    .with("bytes", bytes)
    .with("liveBytes", live_bytes())
}

/// Releases what [`allocate`] gave for `bytes`.
///
/// # Safety
/// `pointer` came from `allocate(bytes, _)` and is not used afterwards.
pub(crate) unsafe fn release(pointer: NonNull<u8>, bytes: usize) {
    uncount(bytes);
    if let Some(layout) = layout(bytes) {
        // SAFETY: the same layout was used to allocate, as the caller promises.
        unsafe { dealloc(pointer.as_ptr(), layout) }
    }
}
