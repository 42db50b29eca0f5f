//! Thread-wide modes: whether gradients are recorded, whether tensors are made for inference only, anomaly detection.

use std::cell::Cell;

thread_local! {
    static GRAD: Cell<bool> = const { Cell::new(true) };
    static INFERENCE: Cell<bool> = const { Cell::new(false) };
    static ANOMALY: Cell<Anomaly> = const { Cell::new(Anomaly { enabled: false, check_nan: true }) };
}

/// Anomaly detection: whether it is on, and whether gradients are searched for NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anomaly {
    /// Whether forward stacks are kept and gradients checked.
    pub enabled: bool,
    /// Whether a NaN in a gradient is an error.
    pub check_nan: bool,
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
    INFERENCE.replace(on)
}

/// The state of anomaly detection.
#[inline]
pub fn anomaly() -> Anomaly {
    ANOMALY.get()
}

/// Switches anomaly detection; returns what it was.
pub fn set_anomaly(state: Anomaly) -> Anomaly {
    ANOMALY.replace(state)
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
