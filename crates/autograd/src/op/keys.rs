//! Dispatch keys: what is on, on this thread, that a call has to look at besides computing and
//! recording.
//!
//! One word of flags, so that a call asks one question. The keys from [`Key::Transform`] on are
//! those of interpreters, see [`crate::op::interpreter`]; a higher key sees a call before a lower
//! one.

use crate::graph::tensor::Tensor;
use std::cell::Cell;

/// A flag of the word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Key {
    /// New tensors are inference tensors.
    Inference = 1,
    /// Saved tensors go through hooks.
    SavedHooks = 2,
    /// A function transform runs, which forbids some writes.
    Transform = 4,
    /// New nodes keep a stack, and gradients are checked.
    Anomaly = 8,
    /// Calls are captured.
    Capture = 16,
    /// A function runs once a sample.
    Vmap = 32,
    /// Some tangents are found by the tensor, which was written in place; others are on the inputs.
    ForwardMode = 64,
    /// A profile is taken.
    Profile = 128,
}

/// How many keys there are.
pub(crate) const COUNT: usize = 8;

/// The keys with an interpreter that is asked about everything. That of [`Key::Transform`] is asked
/// about writes alone, since most gradients are taken inside of one.
const INTERPRETED: u8 = !(Key::Inference as u8 | Key::SavedHooks as u8 | Key::Transform as u8);

/// The keys whose interpreters take calls.
const TAKE_CALLS: u8 = Key::Capture as u8 | Key::ForwardMode as u8 | Key::Vmap as u8 | Key::Profile as u8;

/// The keys that leave calls of the fast path as they are.
const QUIET: u8 = Key::Transform as u8;

thread_local! {
    static ACTIVE: Cell<u8> = const { Cell::new(0) };
}

/// Some keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Keys(u8);

impl Keys {
    /// None.
    pub const NONE: Keys = Keys(0);

    /// The active keys with an interpreter.
    #[inline]
    pub fn interpreted() -> Keys {
        Keys(ACTIVE.get() & INTERPRETED)
    }

    /// The active keys whose interpreters are asked before a tensor is written.
    #[inline]
    pub fn of_writes() -> Keys {
        Keys(ACTIVE.get() & (INTERPRETED | Key::Transform as u8))
    }

    /// The keys whose interpreters take a call with these inputs.
    #[inline]
    pub fn of(inputs: &[Option<&Tensor>]) -> Keys {
        let duals = inputs.iter().flatten().any(|t| t.tangents().is_some());
        Keys(ACTIVE.get() & TAKE_CALLS | if duals { Key::ForwardMode as u8 } else { 0 })
    }

    /// Whether there is none.
    #[inline]
    pub fn is_empty(self) -> bool {
        self == Keys::NONE
    }

    /// The index of the highest key, and the keys without it.
    pub fn pop(self) -> Option<(usize, Keys)> {
        let index = self.0.checked_ilog2()? as usize;
        Some((index, Keys(self.0 & !(1 << index))))
    }
}

impl Key {
    /// The bit of the key, from 0.
    pub(crate) fn index(self) -> usize {
        (self as u8).ilog2() as usize
    }
}

/// Whether a key is active.
#[inline]
pub fn is_active(key: Key) -> bool {
    ACTIVE.get() & key as u8 != 0
}

/// Whether nothing is on that the fast path and single-consumer chains would have to look at.
#[inline]
pub(crate) fn are_quiet() -> bool {
    ACTIVE.get() & !QUIET == 0
}

/// Whether no key is active at all.
#[inline]
pub fn none_is_active() -> bool {
    ACTIVE.get() == 0
}

/// Whether a new tensor has to look at nothing.
#[inline]
pub(crate) fn tensors_are_usual() -> bool {
    ACTIVE.get() & (Key::Inference as u8 | Key::Capture as u8) == 0
}

/// Switches a key.
pub fn set(key: Key, on: bool) {
    let others = ACTIVE.get() & !(key as u8);
    ACTIVE.set(if on { others | key as u8 } else { others });
}
