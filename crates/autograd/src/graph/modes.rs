//! Thread-wide modes: whether gradients are recorded, and whether tensors are made for inference
//! only.

use crate::op::keys::{self, Key};
use std::cell::Cell;

thread_local! {
    static GRAD: Cell<bool> = const { Cell::new(true) };
    static INFERENCE: Cell<bool> = const { Cell::new(false) };
    static TRANSFORM: Cell<u32> = const { Cell::new(0) };
}

/// Whether operations are recorded on the tape.
#[inline]
pub fn grad_enabled() -> bool {
    GRAD.get()
}

/// Whether operations are recorded now: never in inference mode, whatever the grad mode.
#[inline]
pub fn recording() -> bool {
    GRAD.get() && !INFERENCE.get()
}

/// Switches recording; returns what it was.
pub fn set_grad_enabled(on: bool) -> bool {
    GRAD.replace(on)
}

/// Whether tensors made now can never take part in a recorded computation.
#[inline]
pub fn inference() -> bool {
    INFERENCE.get()
}

/// Switches inference mode; returns what it was.
pub fn set_inference(on: bool) -> bool {
    keys::set(Key::Inference, on);
    INFERENCE.replace(on)
}

/// The innermost function transform, in which new tensors are made; 0 is none. Inner transforms
/// have higher numbers.
#[inline]
pub fn transform() -> u32 {
    TRANSFORM.get()
}

/// Says which function transform is the innermost.
pub(crate) fn set_transform(number: u32) {
    TRANSFORM.set(number);
}

/// Sets the grad mode until dropped.
#[derive(Debug)]
pub struct GradMode(bool);

impl GradMode {
    /// Switches recording on or off.
    #[must_use = "the mode lasts while the guard lives"]
    pub fn set(on: bool) -> Self {
        GradMode(set_grad_enabled(on))
    }
}

impl Drop for GradMode {
    fn drop(&mut self) {
        set_grad_enabled(self.0);
    }
}

/// Sets inference mode until dropped.
#[derive(Debug)]
pub struct Inference(bool);

impl Inference {
    /// Switches inference mode on or off.
    #[must_use = "the mode lasts while the guard lives"]
    pub fn set(on: bool) -> Self {
        Inference(set_inference(on))
    }
}

impl Drop for Inference {
    fn drop(&mut self) {
        set_inference(self.0);
    }
}
