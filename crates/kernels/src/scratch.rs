//! Scratch vectors whose length a caller decides.
//!
//! `vec![0.0; n]` ends the program where there is no memory for it. A kernel that gets no scratch
//! returns instead, its outputs unspecified, and the dispatcher learns of it from [`take_failure`].

use std::sync::atomic::{AtomicUsize, Ordering};

/// The bytes that were not to be had; 0 where all was.
static FAILED: AtomicUsize = AtomicUsize::new(0);

/// The bytes that a kernel has had no memory for since this was last asked.
#[inline(always)]
pub fn take_failure() -> Option<usize> {
    let bytes = FAILED.load(Ordering::Relaxed);
    if bytes == 0 {
        return None;
    }
    FAILED.store(0, Ordering::Relaxed);
    Some(bytes)
}

/// Whether there has been none for a kernel; nothing is forgotten by asking.
#[cfg(debug_assertions)]
pub(crate) fn has_failed() -> bool {
    FAILED.load(Ordering::Relaxed) != 0
}

#[cold]
#[inline(never)]
fn fail(n: usize, size: usize) {
    FAILED.store(n.saturating_mul(size).max(1), Ordering::Relaxed);
}

/// Reserves space for `n` more; false where there is no memory for them.
pub(crate) fn reserve<T>(out: &mut Vec<T>, n: usize) -> bool {
    let good = out.try_reserve_exact(n).is_ok();
    if !good {
        fail(n, size_of::<T>());
    }
    good
}

/// A vector without elements that has space for `n`.
pub(crate) fn with_room<T>(n: usize) -> Option<Vec<T>> {
    let mut out = Vec::new();
    reserve(&mut out, n).then_some(out)
}

/// Whether there is memory for `bytes` now, in one piece; what follows at once and takes half as
/// much in all will not run out of it.
pub(crate) fn has_room(bytes: usize) -> bool {
    // The compiler may leave out an allocation that is not used, and then it succeeds.
    std::hint::black_box(with_room::<u8>(bytes)).is_some()
}

/// `n` times `value`.
#[allow(clippy::disallowed_methods, reason = "the capacity was reserved")]
pub(crate) fn filled<T: Clone>(value: T, n: usize) -> Option<Vec<T>> {
    let mut out = with_room(n)?;
    out.resize(n, value);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scratch_that_no_memory_holds_is_reported_once() {
        assert_eq!(filled(1.5f32, 2), Some(vec![1.5; 2]));
        assert_eq!(take_failure(), None);
        assert_eq!(filled(0u64, usize::MAX / 8), None);
        assert_eq!(take_failure(), Some(usize::MAX / 8 * 8));
        assert_eq!(take_failure(), None);
    }
}
