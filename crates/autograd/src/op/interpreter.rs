//! [`Interpreter`]: what looks at calls on their way down.
//!
//! Forward mode, `vmap`, capture, profiles and anomaly detection each implement this trait and are
//! installed from above, under a [`Key`]. A call that some keys apply to is given to the
//! interpreter of the highest one, which passes it on [`Below`] as it is, or in another form, or
//! not at all. Under the last is what computes and records. PyTorch's dispatch keys and JAX's stack
//! of traces are the same idea.
//!
//! ```
//! use adjoint_autograd::op::interpreter::{self, Below, Interpreter, Invocation};
//! use adjoint_autograd::op::keys::{self, Key};
//! # use adjoint_autograd::{Arg, Attrs, Body, OpDef, Outputs, Tensor, dispatch};
//! # use adjoint_tensor::{Array, Result};
//! # use smallvec::smallvec;
//! # use std::cell::Cell;
//! # static SAME: OpDef = OpDef {
//! #     name: "same",
//! #     args: &[Arg::tensor("x")],
//! #     body: Body::Composite(|inputs, _| Ok(smallvec![inputs[0].unwrap().clone()])),
//! #     ..OpDef::COMPOSITE
//! # };
//! # thread_local! { static CALLS: Cell<u32> = const { Cell::new(0) }; }
//! struct Count;
//!
//! impl Interpreter for Count {
//!     fn call(&self, call: &Invocation, below: Below) -> Result<Outputs> {
//!         CALLS.set(CALLS.get() + 1);
//!         below.call(call)
//!     }
//! }
//!
//! # fn main() -> Result<()> {
//! # let x = Tensor::from_array(Array::from_slice(&[1.0], &[1])?);
//! interpreter::install(Key::Profile, &Count);
//! keys::set(Key::Profile, true);
//! dispatch(&SAME, &[Some(&x)], Attrs::new())?;
//! keys::set(Key::Profile, false);
//! dispatch(&SAME, &[Some(&x)], Attrs::new())?;
//! assert_eq!(CALLS.get(), 1);
//! # Ok(())
//! # }
//! ```

use crate::graph::node::Node;
use crate::graph::tensor::Tensor;
use crate::op::keys::{COUNT, Key, Keys};
use crate::op::{Attrs, Body, Grads, HalfOps, OpDef, Outputs};
use adjoint_tensor::Result;
use std::cell::Cell;
use std::rc::Rc;

/// One call of an op on its way down.
#[derive(Clone, Copy)]
pub struct Invocation<'a> {
    /// The op.
    pub op: &'static OpDef,
    /// The tensor arguments in order, lists spread out; `None` for one left out.
    pub inputs: &'a [Option<&'a Tensor>],
    /// The other arguments.
    pub attrs: &'a Attrs,
    /// Whether the first input is written; such a call has no outputs.
    pub in_place: bool,
}

impl Invocation<'_> {
    /// Whether the call only calls other ops, which interpreters see themselves.
    pub fn is_composite(&self) -> bool {
        match (self.op.body, self.op.half_ops) {
            (Body::Composite(_), _) => true,
            (_, HalfOps::Called(_)) => !self.in_place && self.inputs.iter().flatten().any(|t| t.dtype().is_half()),
            _ => false,
        }
    }

    /// Whether the call is a step of an optimizer.
    pub fn is_update(&self) -> bool {
        matches!(self.op.body, Body::Update { .. })
    }

    /// What the call made or wrote, of its outputs.
    pub fn results<'a>(&'a self, outputs: &'a [Tensor]) -> &'a [Tensor] {
        match self.inputs.first() {
            Some(Some(this)) if self.in_place => std::slice::from_ref(this),
            _ => outputs,
        }
    }
}

/// The way further down for a call.
#[derive(Clone, Copy)]
pub struct Below {
    keys: Keys,
    base: fn(&Invocation) -> Result<Outputs>,
}

impl Below {
    /// All interpreters of these keys, and under them what `base` does.
    pub(crate) fn new(keys: Keys, base: fn(&Invocation) -> Result<Outputs>) -> Self {
        Below { keys, base }
    }

    /// Hands the call to the next interpreter, or to what computes and records.
    pub fn call(self, call: &Invocation) -> Result<Outputs> {
        let Some((index, keys)) = self.keys.pop() else { return (self.base)(call) };
        let below = Below { keys, ..self };
        match installed(index) {
            Some(interpreter) => interpreter.call(call, below),
            None => below.call(call),
        }
    }
}

/// What is no call of an op and yet changes what later calls give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untraced {
    /// A call has inputs with tangents.
    Duals,
    /// A backward pass comes to a hook of the user.
    Hook,
    /// A backward pass comes to a function of the user.
    CustomBackward,
    /// The gradient of a computed tensor is to be kept on it.
    RetainedGradient,
    /// A tensor is about to become a view of itself, as by `t_()`.
    ShapeInPlace,
    /// The value of a tensor decides what is computed.
    Value,
    /// A 0-dim tensor was given for an argument that is a number.
    Number,
}

/// Adds a gradient to the `.grad` of a leaf, differentiably or not.
pub type Accumulate = fn(&Tensor, Tensor, bool) -> Result<()>;

/// A part of a backward pass.
#[derive(Clone, Copy)]
pub enum Section<'a> {
    /// All of it.
    BackwardPass,
    /// The derivative of a node.
    Derivative(&'a Node),
}

/// What looks at calls, and at what else happens on the tape, while its key is active.
pub trait Interpreter {
    /// A call; what is returned are its outputs.
    fn call(&self, call: &Invocation, below: Below) -> Result<Outputs> {
        below.call(call)
    }

    /// Whether calls are written down, so that what is done by other means is missed.
    fn records_calls(&self) -> bool {
        false
    }

    /// The derivative of an op's node from the gradients of its outputs, which `run` computes;
    /// `wanted` says of which inputs. Asked of what [records calls](Interpreter::records_calls).
    fn derivative(
        &self,
        node: &Rc<Node>,
        grads: &[Option<Tensor>],
        wanted: &dyn Fn(usize) -> bool,
        run: &mut dyn FnMut() -> Result<Grads>,
    ) -> Result<Grads> {
        let _ = (node, grads, wanted);
        run()
    }

    /// A gradient arrives at a leaf, to which `add` adds it. Asked of what
    /// [records calls](Interpreter::records_calls).
    fn accumulate(&self, leaf: &Tensor, g: Tensor, create_graph: bool, add: Accumulate) -> Result<()> {
        add(leaf, g, create_graph)
    }

    /// Fails where what is about to happen cannot be followed.
    fn check_traced(&self, what: Untraced) -> Result<()> {
        let _ = what;
        Ok(())
    }

    /// What `reader` does depends on whether gradients are wanted.
    fn requires_grad_read(&self, reader: &str) {
        let _ = reader;
    }

    /// A tensor was made, by a call or otherwise.
    fn tensor_made(&self, t: &Tensor) {
        let _ = t;
    }

    /// Fails where `t` must not be written.
    fn check_written(&self, t: &Tensor) -> Result<()> {
        let _ = t;
        Ok(())
    }

    /// A node was recorded.
    fn node_made(&self, node: &Rc<Node>) {
        let _ = node;
    }

    /// A part of a backward pass, which `run` runs.
    fn section(&self, section: Section, run: &mut dyn FnMut()) {
        let _ = section;
        run();
    }

    /// Fails where the gradients that a node gave are not as they should be.
    fn check_gradients(&self, node: &Rc<Node>, grads: &Grads) -> Result<()> {
        let _ = (node, grads);
        Ok(())
    }
}

thread_local! {
    static INSTALLED: [Cell<Option<&'static dyn Interpreter>>; COUNT] = const { [const { Cell::new(None) }; COUNT] };
}

fn installed(index: usize) -> Option<&'static dyn Interpreter> {
    INSTALLED.with(|all| all[index].get())
}

/// Makes `interpreter` that of a key. It is asked while [`crate::op::keys::set`] has the key on;
/// that of [`Key::ForwardMode`] also where an input has a tangent.
pub fn install(key: Key, interpreter: &'static dyn Interpreter) {
    INSTALLED.with(|all| all[key.index()].set(Some(interpreter)));
}

/// Those of some keys, the highest first.
#[cold]
#[inline(never)]
fn each_of(mut keys: Keys, mut each: impl FnMut(&'static dyn Interpreter) -> Result<()>) -> Result<()> {
    while let Some((index, lower)) = keys.pop() {
        keys = lower;
        installed(index).map_or(Ok(()), &mut each)?;
    }
    Ok(())
}

fn tell(mut each: impl FnMut(&'static dyn Interpreter)) {
    // What is only told cannot fail.
    _ = each_of(Keys::interpreted(), |interpreter| {
        each(interpreter);
        Ok(())
    });
}

#[inline]
fn is_any_active() -> bool {
    !Keys::interpreted().is_empty()
}

/// Whether calls are written down by some interpreter: see [`Interpreter::records_calls`].
#[inline]
pub fn records_calls() -> bool {
    recorder().is_some()
}

/// The interpreter that writes calls down, where one does.
#[inline]
pub(crate) fn recorder() -> Option<&'static dyn Interpreter> {
    if is_any_active() { active_recorder() } else { None }
}

#[cold]
#[inline(never)]
fn active_recorder() -> Option<&'static dyn Interpreter> {
    let mut found = None;
    tell(|interpreter| {
        if interpreter.records_calls() {
            found = Some(interpreter);
        }
    });
    found
}

/// The derivative of an op's node, which `run` computes.
#[inline]
pub(crate) fn derivative(
    node: &Rc<Node>,
    grads: &[Option<Tensor>],
    wanted: &dyn Fn(usize) -> bool,
    run: impl FnOnce() -> Result<Grads>,
) -> Result<Grads> {
    let Some(recorder) = recorder() else { return run() };
    let mut run = Some(run);
    recorder.derivative(node, grads, wanted, &mut || run.take().map_or_else(|| Ok(Grads::new()), |run| run()))
}

/// Fails where an interpreter cannot follow what is about to happen.
#[inline]
pub fn check_traced(what: Untraced) -> Result<()> {
    let keys = Keys::interpreted();
    if keys.is_empty() { Ok(()) } else { each_of(keys, |interpreter| interpreter.check_traced(what)) }
}

/// Says that what `reader` does depends on whether gradients are wanted.
#[inline]
pub fn requires_grad_read(reader: &str) {
    if is_any_active() {
        tell(|interpreter| interpreter.requires_grad_read(reader));
    }
}

/// Says that a tensor was made.
#[inline]
pub(crate) fn tensor_made(t: &Tensor) {
    if is_any_active() {
        tell(|interpreter| interpreter.tensor_made(t));
    }
}

/// Fails where an interpreter forbids that `t` is written.
#[inline]
pub(crate) fn check_written(t: &Tensor) -> Result<()> {
    let keys = Keys::of_writes();
    if keys.is_empty() { Ok(()) } else { each_of(keys, |interpreter| interpreter.check_written(t)) }
}

/// Says that a node was recorded.
#[inline]
pub(crate) fn node_made(node: &Rc<Node>) {
    if is_any_active() {
        tell(|interpreter| interpreter.node_made(node));
    }
}

/// Fails where an interpreter finds gradients wrong.
#[inline]
pub(crate) fn check_gradients(node: &Rc<Node>, grads: &Grads) -> Result<()> {
    let keys = Keys::interpreted();
    if keys.is_empty() { Ok(()) } else { each_of(keys, |interpreter| interpreter.check_gradients(node, grads)) }
}

/// Runs a part of a backward pass.
#[inline]
pub(crate) fn section<R>(section: Section, run: impl FnOnce() -> R) -> R {
    if !is_any_active() {
        return run();
    }
    let (mut run, mut result) = (Some(run), None);
    around(Keys::interpreted(), section, &mut || result = run.take().map(|run| run()));
    result.expect("every interpreter runs the section")
}

#[cold]
#[inline(never)]
fn around(keys: Keys, section: Section, run: &mut dyn FnMut()) {
    let Some((index, lower)) = keys.pop() else { return run() };
    match installed(index) {
        Some(interpreter) => interpreter.section(section, &mut || around(lower, section, run)),
        None => around(lower, section, run),
    }
}
