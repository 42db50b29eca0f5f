//! One thread at a time, where there may be others.

use adjoint_kernels::exec::pool::is_shared;
use std::sync::atomic::{AtomicBool, Ordering};

static IS_LOCKED: AtomicBool = AtomicBool::new(false);

/// Held for as long as the pools are looked at.
pub(super) struct Locked(bool);

/// Waits for the others, if there are any. The lock is never held for long, and the window of a
/// page may not sleep, so it spins.
#[inline(always)]
pub(super) fn lock() -> Locked {
    let shared = is_shared();
    if shared {
        wait();
    }
    Locked(shared)
}

#[cold]
#[inline(never)]
fn wait() {
    while IS_LOCKED.swap(true, Ordering::Acquire) {
        while IS_LOCKED.load(Ordering::Relaxed) {
            std::hint::spin_loop();
        }
    }
}

impl Drop for Locked {
    #[inline(always)]
    fn drop(&mut self) {
        if self.0 {
            IS_LOCKED.store(false, Ordering::Release);
        }
    }
}
