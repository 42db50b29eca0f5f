//! Thread-wide modes: whether gradients are recorded, whether tensors are made for inference only, anomaly detection.

use std::cell::Cell;

thread_local! {
    static GRAD: Cell<bool> = const { Cell::new(true) };
    static INFERENCE: Cell<bool> = const { Cell::new(false) };
    static UNUSUAL: Cell<u8> = const { Cell::new(0) };
    static ANOMALY: Cell<Anomaly> = const { Cell::new(Anomaly { enabled: false, check_nan: true }) };
}

/// What makes calls take the general way: each is a bit of [`unusual`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unusual {
    /// Tensors are made for inference only.
    Inference = 1,
    /// Anomaly detection is on.
    Anomaly = 2,
    /// Calls are captured.
    Capture = 4,
    /// A profile runs.
    Profile = 8,
    /// Saved tensors go through hooks.
    SavedHooks = 16,
    /// A tensor was written in place and has a tangent since, which only the tensor tells.
    WrittenTangents = 32,
    /// A function runs once a sample, and what comes of samples is marked.
    Batches = 64,
}

/// Whether anything is on that more than computing and recording a call may depend on. One question instead of five, which
/// every call asks.
#[inline]
pub(crate) fn unusual() -> bool {
    UNUSUAL.get() != 0
}

/// Whether one of the reasons for [`unusual`] is on.
#[inline]
pub(crate) fn is_on(what: Unusual) -> bool {
    UNUSUAL.get() & what as u8 != 0
}

/// Switches one of the reasons for [`unusual`].
pub(crate) fn set_unusual(what: Unusual, on: bool) {
    let rest = UNUSUAL.get() & !(what as u8);
    UNUSUAL.set(if on { rest | what as u8 } else { rest });
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
    set_unusual(Unusual::Inference, on);
    INFERENCE.replace(on)
}

/// The state of anomaly detection.
#[inline]
pub fn anomaly() -> Anomaly {
    ANOMALY.get()
}

/// Switches anomaly detection; returns what it was.
pub fn set_anomaly(state: Anomaly) -> Anomaly {
    set_unusual(Unusual::Anomaly, state.enabled);
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
