//! Calls that an exception of JavaScript's ended: their frames are gone, and none of their
//! destructors has run.
//!
//! WebAssembly built with `panic = "abort"` cannot unwind, so a `RefCell` borrowed in such a frame
//! stays borrowed.

use std::cell::RefCell;
use std::thread::LocalKey;

/// Makes a cell free again if an abandoned call left it borrowed. The value stays as it is.
///
/// # Safety
/// Every frame that borrowed the cell has been left for good: no reference into it is used again.
pub unsafe fn unlock<T: 'static>(cell: &'static LocalKey<RefCell<T>>) {
    cell.with(|cell| {
        if cell.try_borrow_mut().is_err() {
            let place = std::ptr::from_ref(cell).cast_mut();
            // SAFETY: a `RefCell` may be written through a shared reference (all of it is
            // `UnsafeCell`), and the caller vouches that no other reference into it is alive. The
            // value is moved out and in again.
            unsafe { place.write(RefCell::new(cell.as_ptr().read())) };
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    thread_local! {
        static CELL: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
    }

    #[test]
    fn a_cell_left_borrowed_is_free_again_and_keeps_its_value() {
        CELL.with_borrow_mut(|v| v.push(7));
        CELL.with(|cell| std::mem::forget(cell.borrow_mut()));
        assert!(CELL.with(|cell| cell.try_borrow().is_err()));
        // SAFETY: the only borrow was forgotten.
        unsafe { unlock(&CELL) };
        assert_eq!(CELL.with_borrow_mut(Vec::pop), Some(7));
    }

    #[test]
    fn a_free_cell_is_left_alone() {
        CELL.with_borrow_mut(|v| *v = vec![1, 2]);
        // SAFETY: nothing borrows it.
        unsafe { unlock(&CELL) };
        assert_eq!(CELL.with_borrow(Vec::clone), [1, 2]);
    }
}
