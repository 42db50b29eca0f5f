//! Going on after a call that an exception of JavaScript's ended.
//!
//! A call may need the secondary module where it cannot be loaded. What JavaScript throws then
//! leaves the frames of the call, and none of their destructors runs. What they would have put
//! right is put right here, so that the instance lives on. Memory that only they knew of is lost,
//! and what the call wrote before stays written, as with any error in the middle of a call.
//!
//! What only the secondary module can begin (a capture, a profile, forward mode, hooks) is not
//! looked at: it has been loaded then.

use crate::{errors, handles, read, scratch};
use adjoint_autograd::{abandoned, modes};
use adjoint_kernels::program::unlock_tape;
use adjoint_tensor::rng;
use std::cell::Cell;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    /// Grad mode and inference mode as JavaScript set them.
    static MODES: Cell<(bool, bool)> = const { Cell::new((true, false)) };
    /// How many calls wait for JavaScript.
    static WAITING: Cell<u32> = const { Cell::new(0) };
}

/// Remembers the modes; JavaScript has changed one.
pub fn remember_modes() {
    MODES.set((modes::grad_enabled(), modes::inference()));
}

/// Runs `f`, which calls JavaScript.
pub fn in_callback<R>(f: impl FnOnce() -> R) -> R {
    WAITING.set(WAITING.get() + 1);
    let result = f();
    WAITING.set(WAITING.get() - 1);
    result
}

/// Puts right what the call that is running leaves behind; JavaScript throws right after this.
/// False where the instance cannot go on: a list is half changed, or another call waits for this
/// one.
#[wasm_bindgen]
pub fn abandon_call() -> bool {
    if WAITING.get() > 0 {
        return false;
    }
    // SAFETY: no call waits, so all frames that may have borrowed are left for good.
    unsafe {
        handles::unlock();
        scratch::unlock();
        errors::unlock();
        read::unlock();
        unlock_tape();
        rng::unlock();
    }
    let (grad, inference) = MODES.get();
    abandoned::restore(grad, inference)
}
