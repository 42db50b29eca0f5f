//! Checkpoints: values that a part of the computation would save are dropped and computed again
//! when they are needed.
//!
//! While the part runs, a [`Frame`] takes the place of the hooks on saved tensors: it counts what
//! nodes save and keeps nothing. The first time one of these values is asked for, the part runs
//! again with a [`Collector`] instead, which receives them in the same order and keeps each until
//! the node that saved it lets go. So the graph is that of the computation without checkpoints, and
//! gradients of gradients, hooks and closures work as ever (PyTorch's non-reentrant checkpoint).
//!
//! The part's inputs are kept as a node would keep them: through the hooks that are on around the
//! checkpoint. Inside another checkpoint they are dropped as well, which is what makes nested
//! checkpoints save memory.

use crate::graph::hooks::{self, SavedHooks};
use crate::graph::modes;
use crate::graph::node::OutMeta;
use crate::graph::packed::Packed;
use crate::graph::tensor::Tensor;
use adjoint_tensor::rng::{self, Generator};
use adjoint_tensor::{Array, Error, Result};
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

/// Runs the part again, on [`Frame::inputs`], between [`Frame::start_replay`] and
/// [`Frame::end_replay`].
pub type Replay = Box<dyn Fn(&Rc<Frame>) -> Result<()>>;

/// An input, kept for the second run.
enum Held {
    Array { array: Array, version: u32 },
    Packed(Rc<Packed>),
}

/// One checkpointed part of a computation.
pub struct Frame {
    id: u32,
    this: Weak<Frame>,
    replay: Replay,
    inputs: Vec<(Held, bool)>,
    /// What nodes saved in the first run: shapes and dtypes, to compare with those of the second;
    /// `None` for what nothing can ask for any more.
    saved: RefCell<Vec<Option<OutMeta>>>,
    /// What the second run saved.
    again: RefCell<Vec<Option<Tensor>>>,
    /// The generator as it was, where random numbers were drawn.
    random: RefCell<Option<Generator>>,
    /// Whether the first run is over.
    complete: Cell<bool>,
    running: Cell<bool>,
    /// Whether the second run ends as soon as it has saved all that was saved.
    early_stop: bool,
    /// Whether it was ended so.
    stopped: Cell<bool>,
}

impl Frame {
    /// A part about to run on `inputs`. `id` must not be that of other hooks in use.
    pub fn new(
        id: u32,
        inputs: &[Tensor],
        preserve_random: bool,
        early_stop: bool,
        replay: Replay,
    ) -> Result<Rc<Frame>> {
        let mut held = Vec::with_capacity(inputs.len());
        for t in inputs {
            let kept = match hooks::pack(t)? {
                Some(packed) => Held::Packed(packed),
                None => Held::Array { array: t.array().clone(), version: t.version() },
            };
            held.push((kept, t.requires_grad()));
        }
        let random = preserve_random.then(|| rng::with_default(|g| g.clone()));
        Ok(Rc::new_cyclic(|this| Frame {
            id,
            this: this.clone(),
            replay,
            inputs: held,
            saved: RefCell::default(),
            again: RefCell::default(),
            random: RefCell::new(random),
            complete: Cell::new(false),
            running: Cell::new(false),
            early_stop,
            stopped: Cell::new(false),
        }))
    }

    /// Starts the first run.
    pub fn start(self: &Rc<Self>) {
        hooks::push_saved_hooks(self.clone());
    }

    /// Ends the first run.
    pub fn end(&self) {
        hooks::remove_saved_hooks(self.id);
        self.complete.set(true);
        // The state is 2.5 kB; most parts draw nothing.
        let unused = self.random.borrow().as_ref().is_some_and(|before| rng::with_default(|now| *now == *before));
        if unused {
            self.random.take();
        }
    }

    /// The inputs without history, to run on again.
    ///
    /// # Errors
    /// One was modified since.
    pub fn inputs(&self) -> Result<Vec<Tensor>> {
        let mut inputs = Vec::with_capacity(self.inputs.len());
        for (i, (held, requires_grad)) in self.inputs.iter().enumerate() {
            let t = match held {
                Held::Packed(packed) => packed.unpack()?.detach(),
                Held::Array { array, version } => {
                    let found = array.storage().version();
                    if found != *version {
                        return Err(failed(format!(
                            "input {i} of checkpoint() has been modified by an in-place operation: it is at version {found}; \
                             expected version {version} instead; clone() it before the change"
                        )));
                    }
                    Tensor::from_array(array.clone())
                }
            };
            t.set_requires_grad(*requires_grad)?;
            inputs.push(t);
        }
        Ok(inputs)
    }

    fn run_again(self: &Rc<Self>) -> Result<()> {
        if self.running.replace(true) {
            return Err(failed("a value of the function is needed while it is computed again"));
        }
        let before = self.random.borrow().clone().map(|state| rng::with_default(|g| std::mem::replace(g, state)));
        let collector = Rc::new(Collector { frame: self.clone(), id: self.id });
        let outcome = {
            let _on = modes::GradMode::set(true);
            let _recorded = modes::Inference::set(false);
            self.again.borrow_mut().clear();
            self.stopped.set(false);
            hooks::push_saved_hooks(collector);
            let outcome = (self.replay)(self);
            hooks::remove_saved_hooks(self.id);
            if self.stopped.get() { Ok(()) } else { outcome }
        };
        if let Some(before) = before {
            rng::with_default(|g| *g = before);
        }
        self.running.set(false);
        outcome.and_then(|()| self.compare())
    }

    /// Fails where the second run saved other things than the first.
    fn compare(&self) -> Result<()> {
        let (saved, again) = (self.saved.borrow(), self.again.borrow());
        // A gradient may be taken inside the part, before it is over.
        if self.complete.get() && saved.len() != again.len() {
            return Err(failed(format!(
                "a different number of tensors was saved during the original forward and recomputation: {} \
                 and {}; the function must do the same both times",
                saved.len(),
                again.len()
            )));
        }
        for (i, (was, is)) in saved.iter().zip(again.iter()).enumerate() {
            let (Some(was), Some(is)) = (was, is) else { continue };
            if was.shape() != is.shape() || was.dtype != is.dtype() {
                return Err(failed(format!(
                    "recomputed values have different metadata than during the forward pass: tensor {i} was \
                     {} {:?} and is {} {:?}",
                    was.dtype.name(),
                    was.shape(),
                    is.dtype().name(),
                    is.shape()
                )));
            }
        }
        Ok(())
    }
}

impl Frame {
    fn recomputed(&self, key: u32) -> Option<Tensor> {
        self.again.borrow().get(key as usize).cloned().flatten()
    }
}

impl SavedHooks for Frame {
    fn id(&self) -> u32 {
        self.id
    }

    fn pack(&self, t: &Tensor) -> Result<u32> {
        let mut saved = self.saved.borrow_mut();
        saved.push(Some(OutMeta::of(t)));
        Ok(saved.len() as u32 - 1)
    }

    fn unpack(&self, key: u32) -> Result<Tensor> {
        if let Some(t) = self.recomputed(key) {
            return Ok(t);
        }
        let this = self.this.upgrade().ok_or_else(|| failed("the graph is gone"))?;
        this.run_again()?;
        self.recomputed(key).ok_or_else(|| failed("the function did not save the same tensors when computed again"))
    }

    fn forget(&self, key: u32) {
        if let Some(saved) = self.saved.borrow_mut().get_mut(key as usize) {
            *saved = None;
        }
        let gone = self.again.borrow_mut().get_mut(key as usize).and_then(Option::take);
        drop(gone);
    }
}

/// The error of a function that cannot be computed again.
fn failed(message: impl Into<String>) -> Error {
    Error::autograd(message).in_op("checkpoint")
}

/// Stands for the frame in the second run.
struct Collector {
    frame: Rc<Frame>,
    id: u32,
}

impl SavedHooks for Collector {
    fn id(&self) -> u32 {
        self.id
    }

    fn pack(&self, t: &Tensor) -> Result<u32> {
        let mut again = self.frame.again.borrow_mut();
        again.push(Some(t.clone()));
        let frame = &self.frame;
        if frame.early_stop && frame.complete.get() && again.len() == frame.saved.borrow().len() {
            frame.stopped.set(true);
            return Err(failed(
                "all that is needed has been computed again (this error ends the function and is caught; \
                 pass earlyStop: false if the function must not be ended)",
            ));
        }
        Ok(again.len() as u32 - 1)
    }

    fn unpack(&self, key: u32) -> Result<Tensor> {
        self.frame.recomputed(key).ok_or_else(|| failed("the graph was freed already"))
    }

    fn forget(&self, key: u32) {
        let wanted = self.frame.saved.borrow().get(key as usize).is_some_and(Option::is_some);
        if wanted {
            return;
        }
        let gone = self.frame.again.borrow_mut().get_mut(key as usize).and_then(Option::take);
        drop(gone);
    }
}
