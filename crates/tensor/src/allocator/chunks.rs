//! The chunks that small blocks are carved from, and giving those back of which every block is
//! free.
//!
//! A block does not know its chunk, and freeing one counts nothing: that is on the way of every
//! tensor. So this looks for free chunks by traversing the lists of free blocks, twice, which takes
//! some 10 ns a block, and only once the system has no more memory.

use super::{Block, SMALL_CLASSES, STEP, system_layout};
use std::alloc::{GlobalAlloc, System};

/// Chunks that are known of; others stay for ever. They grow with all there is (`CHUNK_PART`), so
/// that 4 GiB are some 350.
const MOST: usize = 1024;

#[derive(Clone, Copy)]
struct Chunk {
    start: usize,
    bytes: usize,
    /// Bytes of free blocks, while they are counted.
    free: usize,
}

impl Chunk {
    fn holds(&self, address: usize) -> bool {
        address.wrapping_sub(self.start) < self.bytes
    }

    fn is_free(&self) -> bool {
        self.free == self.bytes
    }
}

/// See the module.
pub(super) struct Chunks {
    /// By address.
    known: [Chunk; MOST],
    count: usize,
}

impl Chunks {
    pub(super) const fn new() -> Self {
        Chunks { known: [Chunk { start: 0, bytes: 0, free: 0 }; MOST], count: 0 }
    }

    /// A chunk that came from the system.
    pub(super) fn note(&mut self, start: *mut u8, bytes: usize) {
        if self.count == MOST {
            return;
        }
        let start = start as usize;
        let at = self.known[..self.count].partition_point(|c| c.start < start);
        self.known.copy_within(at..self.count, at + 1);
        self.known[at] = Chunk { start, bytes, free: 0 };
        self.count += 1;
    }

    /// Whether an address is in a chunk that is known of, or would at its end.
    pub(super) fn has(&self, pointer: *mut u8) -> bool {
        self.place((pointer as usize).wrapping_sub(1), 0).is_some()
    }

    /// The index of the chunk that holds an address; `guess` is looked at first.
    fn place(&self, address: usize, guess: usize) -> Option<usize> {
        if guess < self.count && self.known[guess].holds(address) {
            return Some(guess);
        }
        let after = self.known[..self.count].partition_point(|c| c.start <= address);
        let at = after.checked_sub(1)?;
        self.known[at].holds(address).then_some(at)
    }

    /// Gives back the chunks that the lists of free blocks, by size, and the `left` bytes from
    /// `rest` on fill, and takes their blocks off the lists. How many bytes that were.
    ///
    /// # Safety
    /// The blocks on `lists[i]` are free, in chunks, `i * STEP` bytes long and hold a [`Block`];
    /// the rest is unused.
    pub(super) unsafe fn give_back(
        &mut self,
        lists: &mut [*mut Block; SMALL_CLASSES],
        rest: *mut u8,
        left: usize,
    ) -> usize {
        for chunk in &mut self.known[..self.count] {
            chunk.free = 0;
        }
        if left > 0
            && let Some(at) = self.place(rest as usize, 0)
        {
            self.known[at].free = left;
        }
        let mut guess = 0;
        for (class, &head) in lists.iter().enumerate() {
            let mut block = head;
            while !block.is_null() {
                if let Some(at) = self.place(block as usize, guess) {
                    guess = at;
                    self.known[at].free += class * STEP;
                }
                // SAFETY: a block on a list is free and holds the address of the next one.
                block = unsafe { (*block).next };
            }
        }
        if !self.known[..self.count].iter().any(Chunk::is_free) {
            return 0;
        }
        for list in lists {
            let mut link: *mut *mut Block = list;
            // SAFETY: a link is the head of a list or is in a block that stays on it; both hold the
            // address of the next block.
            unsafe {
                while !(*link).is_null() {
                    let block = *link;
                    let place = self.place(block as usize, guess);
                    guess = place.unwrap_or(guess);
                    if place.is_some_and(|at| self.known[at].is_free()) {
                        *link = (*block).next;
                    } else {
                        link = &raw mut (*block).next;
                    }
                }
            }
        }
        let mut kept = 0;
        let mut bytes = 0;
        for i in 0..self.count {
            let chunk = self.known[i];
            match system_layout(chunk.bytes) {
                Some(layout) if chunk.is_free() => {
                    bytes += chunk.bytes;
                    // SAFETY: it came from the system with this layout, and no block of it is in
                    // use or on a list any more.
                    unsafe { System.dealloc(std::ptr::with_exposed_provenance_mut(chunk.start), layout) };
                }
                _ => {
                    self.known[kept] = chunk;
                    kept += 1;
                }
            }
        }
        self.count = kept;
        bytes
    }
}
