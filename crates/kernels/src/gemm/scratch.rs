//! The packing buffers: two per thread, one for use inside of the other, grown on demand and kept, so
//! that a training loop allocates them once.

use crate::scratch;
use std::cell::{Cell, RefCell};
use std::mem::{MaybeUninit, size_of};

/// One cache line. Panels start on it, so that no vector load of a panel straddles two lines.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line(#[expect(dead_code, reason = "only its size and alignment matter")] [MaybeUninit<u8>; 64]);

/// Buffers a thread keeps: panels are made while others are read.
const KEPT: usize = 2;

thread_local! {
    static BUFFERS: [RefCell<Vec<Line>>; KEPT] = const { [const { RefCell::new(Vec::new()) }; KEPT] };
    /// How many of them are in use.
    static IN_USE: Cell<usize> = const { Cell::new(0) };
}

/// Calls `f` with space for `len` elements of `T`, uninitialized, aligned to 64 bytes; where there
/// is no memory for them, see [`scratch`].
pub(crate) fn with_scratch<T: Copy>(len: usize, f: impl FnOnce(*mut T)) {
    // Taken out of its cell while in use, so that a nested call gets a buffer of its own rather
    // than a panic.
    let depth = IN_USE.get();
    let mut buffer = if depth < KEPT { BUFFERS.with(|buffers| buffers[depth].take()) } else { Vec::new() };
    let lines = (len * size_of::<T>()).div_ceil(size_of::<Line>());
    let mut has_room = true;
    if buffer.len() < lines {
        buffer.clear();
        has_room = scratch::reserve(&mut buffer, lines);
        if has_room {
            #[allow(clippy::disallowed_methods, reason = "the capacity was reserved")]
            buffer.resize(lines, Line([MaybeUninit::uninit(); 64]));
        }
    }
    if has_room {
        IN_USE.set(depth + 1);
        f(buffer.as_mut_ptr().cast());
        IN_USE.set(depth);
    }
    if depth < KEPT {
        BUFFERS.with(|buffers| buffers[depth].replace(buffer));
    }
}
