//! The scratch area: an array of doubles both sides can see, for arguments and results that are
//! more than a few numbers.

use adjoint_tensor::{Code, Error, Result};
use std::cell::{Cell, RefCell};

const INITIAL_WORDS: usize = 1024;

thread_local! {
    static AREA: RefCell<Vec<Cell<f64>>> = const { RefCell::new(Vec::new()) };
}

/// Makes it free again after a call that an exception ended.
///
/// # Safety
/// As [`unlock`](adjoint_kernels::abandoned::unlock).
pub unsafe fn unlock() {
    // SAFETY: the caller's promise.
    unsafe { adjoint_kernels::abandoned::unlock(&AREA) };
}

/// Reserves `words` doubles and returns their address. The content is kept when the area moves.
pub fn reserve(words: usize) -> Result<*const f64> {
    AREA.with_borrow_mut(|area| {
        if area.len() < words || area.is_empty() {
            let len = words.next_power_of_two().max(INITIAL_WORDS);
            if area.try_reserve_exact(len - area.len()).is_err() {
                return Err(Error::new(Code::OutOfMemory, format!("there is no memory for a list of {words} numbers"))
                    .with("bytes", len * size_of::<f64>()));
            }
            area.resize(len, Cell::new(0.0));
        }
        Ok(area.as_ptr().cast())
    })
}

/// The capacity in doubles.
pub fn capacity() -> usize {
    AREA.with_borrow(Vec::len)
}

/// Runs `f` on the first `words` doubles as JavaScript left them. `f` must not call back into
/// JavaScript.
pub fn read<R>(words: usize, f: impl FnOnce(&[Cell<f64>]) -> R) -> R {
    AREA.with_borrow(|area| f(&area[..words.min(area.len())]))
}

/// A writer from the start of the area, with capacity for `words`.
///
/// # Errors
/// There is no memory for them; never for up to [`INITIAL_WORDS`], nor for as many as were reserved.
pub fn write(words: usize, f: impl FnOnce(&mut Writer)) -> Result<()> {
    reserve(words)?;
    AREA.with_borrow(|area| f(&mut Writer { area, next: 0 }));
    Ok(())
}

/// The same for a number of words that does not depend on what a caller has, at most [`INITIAL_WORDS`].
pub fn write_few(words: usize, f: impl FnOnce(&mut Writer)) {
    debug_assert!(words <= INITIAL_WORDS, "{words} words are not few");
    write(words, f).expect("the area begins with as many");
}

/// Puts doubles one after the other.
pub struct Writer<'a> {
    area: &'a [Cell<f64>],
    next: usize,
}

impl Writer<'_> {
    /// The next double.
    pub fn put(&mut self, v: f64) {
        self.area[self.next].set(v);
        self.next += 1;
    }

    /// The double at an index, one of [`crate::abi`].
    pub fn put_at(&mut self, word: i32, v: f64) {
        self.area[word as usize].set(v);
    }
}

/// A reader over words.
pub struct Words<'a> {
    area: &'a [Cell<f64>],
    next: usize,
}

impl<'a> Words<'a> {
    /// From the start of `area`.
    pub fn new(area: &'a [Cell<f64>]) -> Self {
        Words { area, next: 0 }
    }

    /// The next double; 0 past the end, which no encoder of ours reaches.
    pub fn take(&mut self) -> f64 {
        let v = self.area.get(self.next).map_or(0.0, Cell::get);
        self.next += 1;
        v
    }

    /// The next double as a handle or a count.
    pub fn int(&mut self) -> i32 {
        self.take() as i32
    }

    /// How many doubles are left.
    pub fn left(&self) -> usize {
        self.area.len().saturating_sub(self.next)
    }

    /// A count, never more than what is left.
    pub fn count(&mut self) -> usize {
        let n = self.take() as usize;
        n.min(self.left())
    }
}
