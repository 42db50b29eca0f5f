//! A record of what was dispatched, as plain data: the explicit graph.
//!
//! Captured values are numbered in the order they appear. The record can be printed and is what an exporter or a
//! compiler would read.
//!
//! A value is what a tensor holds at one version of its storage. Every tensor the record knows is held until the capture
//! ends, so no address it goes by is used again; and every storage is known with the version after its last recorded
//! write, so a tensor that was changed by anything the record lacks is noticed and refused. What is not in the record can
//! only be a constant: a tensor from before the capture, or one made of numbers inside.

use crate::graph::modes;
use crate::graph::node::OutMeta;
use crate::graph::tensor::Tensor;
use crate::op::attrs::Attrs;
use crate::op::interpreter::{self, Below, Interpreter, Invocation, Untraced};
use crate::op::keys::{self, Key};
use crate::op::{Body, OpDef, Outputs};
use adjoint_tensor::{Array, Error, Result};
use smallvec::SmallVec;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};

/// One dispatched call.
#[derive(Clone, Debug)]
pub struct Record {
    /// The op.
    pub op: &'static OpDef,
    /// The numbers of its input values.
    pub inputs: Inputs,
    /// Its other arguments.
    pub attrs: Attrs,
    /// The numbers of its output values.
    pub outputs: SmallVec<[u32; 1]>,
    /// Whether it wrote its first input.
    pub in_place: bool,
    /// Whether gradients were recorded, where the function changed that.
    pub grad: Option<bool>,
    /// Whether tensors were made for inference only, where the function changed that.
    pub inference: Option<bool>,
}

/// The numbers of a call's input values; `None` for one left out.
pub type Inputs = SmallVec<[Option<u32>; 2]>;

/// One step of a replay.
#[derive(Clone, Debug)]
pub enum Step {
    /// A call of an op.
    Call(Record),
    /// The same values without history: what ops do to what they treat as a constant.
    Detach {
        /// The value.
        from: u32,
        /// The value without history.
        to: u32,
    },
}

/// A tensor the function used without being given it.
#[derive(Clone, Debug)]
pub struct Constant {
    /// The number of its value.
    pub value: u32,
    /// The tensor itself, or the values it had before the function wrote it.
    pub tensor: Tensor,
    /// Whether it was made inside of the function and is changed by it, so that every replay needs a copy.
    pub is_copied: bool,
}

/// The calls captured between [`start`] and [`finish`].
#[derive(Debug, Default)]
pub struct Graph {
    /// The calls in order.
    pub steps: Vec<Step>,
    /// Shape and dtype of every value.
    pub values: Vec<OutMeta>,
    /// The values the function was given.
    pub inputs: Vec<u32>,
    /// The values it returned.
    pub outputs: Vec<u32>,
    /// The values it used without being given them.
    pub constants: Vec<Constant>,
    /// What read shapes, dtypes or flags of tensors: they are part of the record then.
    pub facts_read_by: Option<String>,
    /// The same for what depends on whether gradients are asked for.
    pub requires_grad_read_by: Option<String>,
    /// The values whose shapes the function itself read.
    pub shapes_read: HashSet<u32>,
    tensors: Vec<Tensor>,
    by_object: HashMap<usize, u32>,
    storages: HashMap<usize, Bytes>,
    /// What was made since the start, by object, and the storages among that.
    made: HashSet<usize>,
    made_storages: HashSet<usize>,
    held: Vec<Tensor>,
    grad: bool,
    inference: bool,
}

/// A storage of which values are known.
#[derive(Debug)]
struct Bytes {
    /// The version after the last recorded write.
    version: u32,
    /// The values it holds.
    values: Vec<u32>,
    /// Whether it holds nothing but constants that were not written.
    is_constant: bool,
}

fn storage_of(t: &Tensor) -> usize {
    t.array().storage().as_ptr() as usize
}

fn same_history(a: &Tensor, b: &Tensor) -> bool {
    match (a.known_grad_fn(), b.known_grad_fn()) {
        (Some(a), Some(b)) => a.same(&b),
        _ => false,
    }
}

impl Graph {
    fn add(&mut self, t: &Tensor, is_constant: bool) -> u32 {
        let n = self.tensors.len() as u32;
        self.values.push(OutMeta::of(t));
        self.tensors.push(t.clone());
        self.by_object.insert(t.address(), n);
        let fresh = || Bytes { version: t.version(), values: Vec::new(), is_constant };
        let bytes = self.storages.entry(storage_of(t)).or_insert_with(fresh);
        bytes.values.push(n);
        bytes.is_constant &= is_constant;
        n
    }

    fn constant(&mut self, t: &Tensor) -> u32 {
        let value = self.add(t, true);
        self.constants.push(Constant { value, tensor: t.clone(), is_copied: false });
        value
    }

    /// The number of the value a tensor holds now.
    fn number(&mut self, t: &Tensor) -> Result<u32> {
        if t.wrap().is_some() {
            return Err(refused(DUAL));
        }
        let Some(bytes) = self.storages.get(&storage_of(t)) else { return Ok(self.constant(t)) };
        if bytes.version != t.version() {
            return Err(Error::usage(format!(
                "cannot be captured: a tensor of shape {:?} was written by something a record does not hold; write it \
                 before the function is captured, or with in-place operations",
                t.shape()
            )));
        }
        if let Some(&n) = self.by_object.get(&t.address()) {
            return Ok(n);
        }
        // Another object for values that are known: an alias with the same history, or one without.
        let alike = |n: &&u32| {
            let known = self.tensors[**n as usize].array();
            known.layout() == t.array().layout() && known.dtype() == t.dtype()
        };
        let same = bytes.values.iter().rev().filter(alike);
        if let Some(&n) = same.clone().find(|n| same_history(&self.tensors[**n as usize], t)) {
            return Ok(n);
        }
        match same.clone().next().copied() {
            Some(from) if !t.requires_grad() && self.made.contains(&t.address()) => {
                let is_constant = bytes.is_constant;
                let to = self.add(t, is_constant);
                self.steps.push(Step::Detach { from, to });
                Ok(to)
            }
            _ if bytes.is_constant => Ok(self.constant(t)),
            _ => Err(Error::usage(format!(
                "cannot be captured: a tensor of shape {:?} shares memory with an input or a computed value, but was made \
                 by something a record does not hold; make views inside of the function, of what it is given",
                t.shape()
            ))),
        }
    }

    /// Prepares for a write to the storage of `t`: what is made inside of the function is made anew by every replay.
    fn will_write(&mut self, t: &Tensor) -> Result<()> {
        let Some(bytes) = self.storages.get_mut(&storage_of(t)) else { return Ok(()) };
        bytes.is_constant = false;
        let values = &bytes.values;
        if !self.made_storages.contains(&storage_of(t)) {
            return Ok(());
        }
        let mut constants = self.constants.iter_mut().filter(|c| values.contains(&c.value) && !c.is_copied);
        let Some(constant) = constants.next() else { return Ok(()) };
        if constants.next().is_some() {
            return Err(Error::usage(
                "cannot be captured: it writes a tensor that was made of numbers inside of the function and has views a \
                 record does not hold; make it outside, or with zeros()",
            ));
        }
        let array = constant.tensor.array();
        constant.tensor = Tensor::from_array(array.copy(array.dtype())?);
        constant.is_copied = true;
        Ok(())
    }
}

/// Why calls on dual tensors are refused.
const DUAL: &str = "tangents are no part of a record; capture the function itself and differentiate its run()";

/// Why backward passes are refused.
const BACKWARD: &str = "a backward pass is not recorded, so that a replay would give this call's gradients; capture the forward pass and \
     differentiate what run() returns";

thread_local! {
    static ACTIVE: Cell<bool> = const { Cell::new(false) };
    static GRAPH: RefCell<Graph> = RefCell::new(Graph::default());
}

/// Whether calls are being captured.
#[inline]
pub fn active() -> bool {
    ACTIVE.get()
}

/// Fails while calls are captured: what the caller does cannot be recorded, for the reason given.
#[inline]
pub fn refuse(why: &str) -> Result<()> {
    if active() { Err(refused(why)) } else { Ok(()) }
}

#[cold]
fn refused(why: &str) -> Error {
    Error::usage(format!("cannot be captured: {why}"))
}

struct Recorder;

impl Interpreter for Recorder {
    fn call(&self, call: &Invocation, below: Below) -> Result<Outputs> {
        if call.is_composite() {
            if matches!(call.op.body, Body::Composite(_)) {
                // Its body may go by shapes and dtypes.
                note_facts(call.op.shown_name());
            }
            return below.call(call);
        }
        if call.is_update() {
            return below.call(call);
        }
        let pending = begin(call)?;
        let outputs = below.call(call)?;
        pending.record(call, &outputs);
        Ok(outputs)
    }

    fn records_calls(&self) -> bool {
        true
    }

    fn check_traced(&self, what: Untraced) -> Result<()> {
        Err(refused(match what {
            Untraced::BackwardPass => BACKWARD,
            Untraced::Duals => DUAL,
            Untraced::OptimizerStep => "a step cannot be captured; take it outside of the function",
            Untraced::ShapeInPlace => {
                "a replay could not change the shape of a tensor itself; use the form that returns a view"
            }
            Untraced::Value => {
                "the result depends on the value of a tensor argument, which a replay would not read again; give a number"
            }
            Untraced::Number => {
                "a 0-dim tensor stands for a number here, which a replay would not read again; give a number"
            }
        }))
    }

    fn requires_grad_read(&self, reader: &str) {
        note_requires_grad(reader);
    }

    fn tensor_made(&self, t: &Tensor) {
        note_made(t);
    }
}

/// Notes a tensor that was made while calls are captured.
fn note_made(t: &Tensor) {
    GRAPH.with(|graph| {
        // Copies the record itself makes are no part of it.
        if let Ok(mut g) = graph.try_borrow_mut() {
            g.made.insert(t.address());
            if t.array().storage().is_unshared() {
                g.made_storages.insert(storage_of(t));
            }
            g.held.push(t.clone());
        }
    });
}

/// Notes that `what` read shapes, dtypes or flags, on which what it does next may depend.
#[inline]
pub fn note_facts(what: &str) {
    if active() {
        note(what, |g| &mut g.facts_read_by);
    }
}

/// Notes that the function itself read the shape of `t`.
#[inline]
pub fn note_shape(t: &Tensor) {
    if active() {
        note_facts("shape");
        GRAPH.with_borrow_mut(|g| {
            if let Some(&n) = g.by_object.get(&t.address()) {
                g.shapes_read.insert(n);
            }
        });
    }
}

#[cold]
#[inline(never)]
fn note(what: &str, read_by: fn(&mut Graph) -> &mut Option<String>) {
    GRAPH.with_borrow_mut(|g| _ = read_by(g).get_or_insert_with(|| what.to_string()));
}

/// Notes that `what` depends on whether gradients are asked for.
#[inline]
pub fn note_requires_grad(what: &str) {
    if active() {
        note(what, |g| &mut g.requires_grad_read_by);
    }
}

/// Starts a capture of a function that is given `inputs`.
///
/// # Errors
/// One is under way already, or two inputs share memory: a replay could not tell what is whose.
pub fn start(inputs: &[Tensor]) -> Result<()> {
    refuse("a capture is under way already; call run() of what was captured before")?;
    let mut graph = Graph { grad: modes::grad_enabled(), inference: modes::inference(), ..Graph::default() };
    for (i, t) in inputs.iter().enumerate() {
        if t.wrap().is_some() {
            return Err(Error::usage(format!("input {i} is a dual tensor; capture the function on plain tensors")));
        }
        if let Some(j) = inputs[..i].iter().position(|other| other.array().shares_storage(t.array())) {
            return Err(Error::usage(format!(
                "inputs {j} and {i} share memory, so that a replay could not tell which is used; clone() one of them"
            )));
        }
        let n = graph.add(t, false);
        graph.inputs.push(n);
    }
    GRAPH.set(graph);
    interpreter::install(Key::Capture, &Recorder);
    keys::set(Key::Capture, true);
    ACTIVE.set(true);
    Ok(())
}

fn stop() -> Graph {
    keys::set(Key::Capture, false);
    ACTIVE.set(false);
    GRAPH.take()
}

/// Ends the capture and forgets it.
pub fn cancel() {
    drop(stop());
}

/// Ends the capture of a function that returned `outputs` and gives the record.
///
/// # Errors
/// An output was made or written by something a record does not hold.
pub fn finish(outputs: &[Tensor]) -> Result<Graph> {
    let mut graph = stop();
    for t in outputs {
        let n = graph.number(t)?;
        graph.will_write(t)?;
        graph.outputs.push(n);
    }
    graph.by_object.clear();
    graph.storages.clear();
    graph.made.clear();
    graph.made_storages.clear();
    graph.tensors.clear();
    graph.held.clear();
    Ok(graph)
}

/// A call that is about to be recorded: the numbers of its inputs as they are before it.
struct Pending(Inputs);

/// Begins the record of a call.
fn begin(call: &Invocation) -> Result<Pending> {
    GRAPH.with_borrow_mut(|g| {
        let numbers = call.inputs.iter().map(|t| t.map(|t| g.number(t)).transpose()).collect::<Result<_>>()?;
        if let (true, Some(Some(this))) = (call.in_place, call.inputs.first()) {
            g.will_write(this)?;
        }
        Ok(Pending(numbers))
    })
}

impl Pending {
    /// Records the call, which made `outputs` or wrote its first input.
    fn record(self, call: &Invocation, outputs: &[Tensor]) {
        let written = call.inputs.first().copied().flatten().filter(|_| call.in_place);
        GRAPH.with_borrow_mut(|g| {
            let outputs = outputs.iter().map(|t| g.add(t, false)).collect();
            if let Some(bytes) = written.and_then(|t| g.storages.get_mut(&storage_of(t)).map(|b| (b, t.version()))) {
                bytes.0.version = bytes.1;
            }
            let changed = |now: bool, before: bool| (now != before).then_some(now);
            let grad = changed(modes::grad_enabled(), g.grad);
            let inference = changed(modes::inference(), g.inference);
            let (op, in_place) = (call.op, call.in_place);
            let (inputs, attrs) = (self.0, call.attrs.clone());
            g.steps.push(Step::Call(Record { op, inputs, attrs, outputs, in_place, grad, inference }));
        });
    }
}

/// The copy of a constant with which a replay begins.
///
/// # Errors
/// There is no memory for it.
pub fn copied(constant: &Constant) -> Result<Tensor> {
    if !constant.is_copied {
        return Ok(constant.tensor.clone());
    }
    let array: &Array = constant.tensor.array();
    Ok(Tensor::from_array(array.copy(array.dtype())?))
}
