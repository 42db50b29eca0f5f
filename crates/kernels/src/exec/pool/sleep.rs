//! Waiting for a word to change.

#[cfg(not(target_arch = "wasm32"))]
pub(super) use native::{wait, wake};
#[cfg(target_arch = "wasm32")]
pub(super) use wasm::{wait, wake};

#[cfg(target_arch = "wasm32")]
mod wasm {
    use core::arch::wasm32::{memory_atomic_notify, memory_atomic_wait32};
    use std::sync::atomic::AtomicU32;

    /// Sleeps while the word is `value`, for at most so many nanoseconds; a negative number is for
    /// ever.
    pub fn wait(word: &AtomicU32, value: u32, nanoseconds: i64) {
        // SAFETY: the word is aligned, and lives.
        unsafe { memory_atomic_wait32(word.as_ptr().cast(), value as i32, nanoseconds) };
    }

    /// Wakes all that sleep on the word.
    pub fn wake(word: &AtomicU32) {
        // SAFETY: as above.
        unsafe { memory_atomic_notify(word.as_ptr().cast(), u32::MAX) };
    }
}

/// For tests of kernels: no wait there is long.
#[cfg(not(target_arch = "wasm32"))]
mod native {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::{Duration, Instant};

    pub fn wait(word: &AtomicU32, value: u32, nanoseconds: i64) {
        let start = Instant::now();
        let most = u64::try_from(nanoseconds).map_or(Duration::MAX, Duration::from_nanos);
        while word.load(Ordering::SeqCst) == value && start.elapsed() < most {
            std::thread::sleep(Duration::from_micros(20));
        }
    }

    pub fn wake(_: &AtomicU32) {}
}
