//! The threads that loops are spread over: see [`adjoint_kernels::exec::pool`].
//!
//! A helping thread makes an instance of its own on the shared memory, with a stack and thread-local
//! memory of its own, and then stays in [`threads_serve`]. It makes no calls of the library: tensors,
//! handles and the graph belong to the thread that made the first instance.
//!
//! These are exports of the linker's and not of the table in [`crate::abi`]: the binaries without
//! threads lack them.

use adjoint_kernels::exec::pool;
use std::sync::atomic::{AtomicBool, Ordering};

static IS_STARTED: AtomicBool = AtomicBool::new(false);

/// Whether this is the first instance on its memory.
pub(crate) fn is_first() -> bool {
    !IS_STARTED.swap(true, Ordering::SeqCst)
}

/// Spreads loops over `n` threads, the caller among them; those above sleep. `may_sleep` is 1 where
/// the caller may wait for the others asleep.
#[unsafe(no_mangle)]
pub extern "C" fn threads_set(n: u32, may_sleep: u32) {
    pool::set_threads(n, may_sleep != 0);
}

/// Notes that `n` threads are about to make an instance, or with -1 that one has. They allocate for
/// themselves then.
#[unsafe(no_mangle)]
pub extern "C" fn threads_starting(n: i32) {
    pool::starting(n);
}

/// Helps as thread `index`, from 1 on; never returns.
#[unsafe(no_mangle)]
pub extern "C" fn threads_serve(index: u32) {
    pool::serve(index);
}

/// Notes that a helping thread left [`threads_serve`] by an exception.
#[unsafe(no_mangle)]
pub extern "C" fn threads_lost() {
    pool::lost();
}
