//! The packing buffer: one per thread, grown on demand and kept, so that a training loop allocates
//! it once.

use crate::scratch;
use std::cell::RefCell;
use std::mem::{MaybeUninit, size_of};

/// One cache line. Panels start on it, so that no vector load of a panel straddles two lines.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line(#[expect(dead_code, reason = "only its size and alignment matter")] [MaybeUninit<u8>; 64]);

thread_local! {
    static BUFFER: RefCell<Vec<Line>> = const { RefCell::new(Vec::new()) };
}

/// Calls `f` with space for `len` elements of `T`, uninitialized, aligned to 64 bytes; where there
/// is no memory for them, see [`scratch`].
pub(crate) fn with_scratch<T: Copy>(len: usize, f: impl FnOnce(*mut T)) {
    // Taken out of its cell while in use, so that a nested call gets a buffer of its own rather
    // than a panic.
    let mut buffer = BUFFER.take();
    let lines = (len * size_of::<T>()).div_ceil(size_of::<Line>());
    if buffer.len() < lines {
        buffer.clear();
        if !scratch::reserve(&mut buffer, lines) {
            BUFFER.replace(buffer);
            return;
        }
        #[allow(clippy::disallowed_methods, reason = "the capacity was reserved")]
        buffer.resize(lines, Line([MaybeUninit::uninit(); 64]));
    }
    f(buffer.as_mut_ptr().cast());
    BUFFER.replace(buffer);
}
