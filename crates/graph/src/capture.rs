//! Recording the calls of a function.
//!
//! Between [`start`] and [`finish`] an [`Interpreter`] sees every dispatched call. What is not in
//! the record can only be a constant: a tensor from before the capture, or one made of numbers
//! inside.

use crate::history;
use crate::lazy;
use crate::liveness::Liveness;
use crate::program::{Call, Constant, Gradient, Group, Hidden, Inputs, Program, Step, ValueId};
use crate::values::{Found, Values};
use crate::verify::verify;
use adjoint_autograd::interpreter::{self, Accumulate, Below, Interpreter, Invocation, Untraced};
use adjoint_autograd::keys::{self, Key};
use adjoint_autograd::node::{self, OutMeta};
use adjoint_autograd::{Body, Derivative, Edge, Grads, Node, Outputs, Tensor, modes, update};
use adjoint_ops::OpId;
use adjoint_tensor::{Array, Error, Result};
use smallvec::{SmallVec, smallvec};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// A record in the making.
#[derive(Default)]
struct Recording {
    program: Program,
    values: Values,
    /// Where constants are in the program's list.
    constants: HashMap<ValueId, usize>,
    /// Outputs that ops hid and nothing has read yet, by the address of their storage.
    hidden: HashMap<usize, HiddenOutput>,
    is_under_way: bool,
    /// The newest node from before.
    oldest: u64,
    /// The modes the function began in.
    grad: bool,
    inference: bool,
    /// How many composites are running, one in the body of another.
    depth: usize,
}

/// A call of a composite that has begun.
struct Begun {
    /// The first step of its body.
    first: usize,
    /// Its inputs as far as they are values already.
    inputs: Inputs,
}

/// An output that the op of a step hides: which of these, and a tensor with its history, which is
/// held so that its address is not used again.
struct HiddenOutput {
    step: usize,
    output: usize,
    tensor: Tensor,
}

/// Why calls on dual tensors are refused.
const DUALS: &str = "tangents are no part of a record; capture the function itself and differentiate its run()";

impl Recording {
    fn add(&mut self, t: &Tensor, is_constant: bool) -> ValueId {
        self.program.values.push(OutMeta::of(t));
        self.values.add(t, is_constant)
    }

    fn constant(&mut self, t: &Tensor) -> ValueId {
        let value = self.add(t, true);
        self.constants.insert(value, self.program.constants.len());
        self.program.constants.push(Constant { value, tensor: t.clone(), is_copied: false });
        value
    }

    /// The value a tensor holds now.
    fn value(&mut self, t: &Tensor) -> Result<ValueId> {
        if t.tangents().is_some() {
            return Err(refused(DUALS));
        }
        match self.values.find(t) {
            Found::Value(value) => Ok(value),
            Found::Detached(from) => {
                let to = self.add(t, self.values.is_constant(t));
                self.program.steps.push(Step::Detach { from, to });
                Ok(to)
            }
            Found::Constant => match self.hidden_value(t.array()) {
                Some(value) => Ok(value),
                None => Ok(self.constant(t)),
            },
            Found::Written => Err(Error::usage(format!(
                "cannot be captured: a tensor of shape {:?} was written by something a record does not hold; write it \
                 before the function is captured, or with in-place operations",
                t.shape()
            ))),
            Found::Unknown => Err(Error::usage(format!(
                "cannot be captured: a tensor of shape {:?} shares memory with an input or a computed value, but was made \
                 by something a record does not hold; make views inside of the function, of what it is given",
                t.shape()
            ))),
        }
    }

    /// Prepares for a write to the storage of `t`: what is made inside of the function is made anew
    /// by every replay.
    fn will_write(&mut self, t: &Tensor) -> Result<()> {
        let mut places = self.values.will_write(t).iter().filter_map(|value| self.constants.get(value));
        let mut next = || places.find(|place| !self.program.constants[**place].is_copied).copied();
        let Some(place) = next() else { return Ok(()) };
        if next().is_some() {
            return Err(Error::usage(
                "cannot be captured: it writes a tensor that was made of numbers inside of the function and has views a \
                 record does not hold; make it outside, or with zeros()",
            ));
        }
        let constant = &mut self.program.constants[place];
        let array = constant.tensor.array();
        constant.tensor = Tensor::from_array(array.copy(array.dtype())?);
        constant.is_copied = true;
        Ok(())
    }

    /// The input values of a call as they are before it.
    fn inputs(&mut self, call: &Invocation) -> Result<Inputs> {
        let inputs = call.inputs.iter().map(|t| t.map(|t| self.value(t)).transpose()).collect::<Result<_>>()?;
        written(call)?.into_iter().try_for_each(|t| self.will_write(t))?;
        Ok(inputs)
    }

    /// Records a call that gave `outputs` or wrote some of its inputs.
    fn record(&mut self, op: OpId, call: &Invocation, inputs: Inputs, outputs: &[Tensor]) -> Result<()> {
        self.note_hidden(call, outputs);
        let outputs = outputs.iter().map(|t| self.add(t, false)).collect();
        for t in written(call)? {
            self.values.note_written(t);
        }
        let changed = |now: bool, before: bool| (now != before).then_some(now);
        let grad = changed(modes::grad_enabled(), self.grad);
        let inference = changed(modes::inference(), self.inference);
        let (attrs, in_place) = (call.attrs.clone(), call.in_place);
        self.program.steps.push(Step::Call(Call {
            op,
            inputs,
            attrs,
            outputs,
            hidden: Hidden::new(),
            in_place,
            grad,
            inference,
        }));
        Ok(())
    }

    /// Notes the outputs that the op of the next step hides and its node keeps. They become values
    /// when a derivative reads them.
    fn note_hidden(&mut self, call: &Invocation, outputs: &[Tensor]) {
        if call.op.hidden_outputs == 0 {
            return;
        }
        let Some(Edge { node, .. }) = outputs.iter().find_map(Tensor::known_grad_fn) else { return };
        if !node.op().is_some_and(|(op, _)| std::ptr::eq(op, call.op)) {
            return;
        }
        let step = self.program.steps.len();
        for (output, array) in node.hidden_outputs().into_iter().enumerate() {
            let Some(array) = array else { continue };
            let storage = array.storage().as_ptr() as usize;
            let edge = Edge { node: node.clone(), index: (outputs.len() + output) as u32 };
            let tensor = Tensor::placeholder(array, edge);
            self.hidden.insert(storage, HiddenOutput { step, output, tensor });
        }
    }

    /// The value of an output that an op hid.
    fn hidden_value(&mut self, array: &Array) -> Option<ValueId> {
        let HiddenOutput { step, output, tensor } = self.hidden.remove(&(array.storage().as_ptr() as usize))?;
        let value = self.add(&tensor, false);
        let Some(Step::Call(call)) = self.program.steps.get_mut(step) else { return None };
        if call.hidden.is_empty() {
            call.hidden = smallvec![None; call.op.def().hidden_outputs];
        }
        call.hidden[output] = Some(value);
        Some(value)
    }

    /// The value in the place of an array, whatever its history.
    fn kept_value(&mut self, array: &Array) -> Option<ValueId> {
        self.values.in_place(array).or_else(|| self.hidden_value(array))
    }

    /// Fails where a backward pass comes to a node from before the capture.
    fn check_node(&self, node: &Node) -> Result<()> {
        if node.sequence() > self.oldest {
            return Ok(());
        }
        Err(refused(&format!(
            "the backward pass comes to {}, which was recorded before the capture, so that a replay would differentiate \
             what was computed then; compute it inside of the function",
            node.name()
        )))
    }

    fn note_differentiated(&mut self) {
        self.program.differentiates = true;
        for read_by in [&mut self.program.facts_read_by, &mut self.program.requires_grad_read_by] {
            read_by.get_or_insert_with(|| "backward".to_string());
        }
    }

    /// Records the derivative of a node, which gave `made`.
    fn gradient(
        &mut self,
        node: &Rc<Node>,
        grads: &[Option<Tensor>],
        wanted: &dyn Fn(usize) -> bool,
        made: &Grads,
    ) -> Result<()> {
        let unknown =
            || refused(&format!("the derivative of {} reads values that a record does not hold", node.name()));
        let (derivative, kept) = Derivative::of(node, wanted).ok_or_else(unknown)?;
        let kept = kept.iter().map(|array| self.kept_value(array).ok_or_else(unknown)).collect::<Result<_>>()?;
        let grads = grads.iter().map(|g| g.as_ref().map(|g| self.value(g)).transpose()).collect::<Result<_>>()?;
        let outputs = made.iter().map(|g| g.as_ref().map(|g| self.add(g, false))).collect();
        self.note_differentiated();
        let derivative = Rc::new(derivative);
        self.program.steps.push(Step::Gradient(Gradient { derivative, grads, kept, outputs }));
        Ok(())
    }

    /// Records that a gradient was read from a leaf, where it is not known.
    fn read_grad(&mut self, leaf: &Tensor) -> Result<()> {
        let Some(grad) = leaf.grad() else {
            let leaf = self.value(leaf)?;
            self.program.steps.push(Step::NoGrad { leaf });
            return Ok(());
        };
        if !matches!(self.values.find(&grad), Found::Value(_)) {
            let leaf = self.value(leaf)?;
            let to = self.add(&grad, false);
            self.program.steps.push(Step::ReadGrad { leaf, to });
        }
        Ok(())
    }
}

/// The inputs that a call writes.
fn written<'a>(call: &Invocation<'a>) -> Result<Vec<&'a Tensor>> {
    if call.is_update() {
        return Ok(update::written(call.op, call.inputs, call.attrs)?.into_iter().flatten().collect());
    }
    Ok(call.inputs.first().copied().flatten().filter(|_| call.in_place).into_iter().collect())
}

/// Groups: what composites were called with and gave.
impl Recording {
    /// Notes that a composite begins; what [`Recording::end`] takes, where it is no part of another.
    fn begin(&mut self, call: &Invocation) -> Option<Begun> {
        self.depth += 1;
        if self.depth > 1 || call.in_place {
            return None;
        }
        let known = |t: &Tensor| match self.values.find(t) {
            Found::Value(value) => Some(value),
            _ => None,
        };
        let inputs = call.inputs.iter().map(|t| t.and_then(known)).collect();
        Some(Begun { first: self.program.steps.len(), inputs })
    }

    /// Notes that it is done, and makes its steps a group where they alone made what it gave.
    fn end(&mut self, begun: Option<Begun>, call: &Invocation, outputs: Option<&[Tensor]>) {
        self.depth -= 1;
        let (Some(Begun { first, mut inputs }), Some(outputs), Some(op)) = (begun, outputs, OpId::of(call.op)) else {
            return;
        };
        let steps = first..self.program.steps.len();
        for (value, t) in inputs.iter_mut().zip(call.inputs) {
            let (None, Some(t)) = (*value, t) else { continue };
            *value = match self.values.find(t) {
                Found::Value(value) => Some(value),
                // Its body only asked for facts.
                Found::Constant => Some(self.constant(t)),
                _ => return,
            };
        }
        let is_made =
            |value: ValueId| self.program.steps[steps.clone()].iter().any(|step| step.makes().any(|v| v == value));
        let found = outputs.iter().map(|t| match self.values.find(t) {
            Found::Value(value) if is_made(value) => Some(value),
            _ => None,
        });
        let Some(outputs) = found.collect::<Option<SmallVec<[ValueId; 1]>>>() else { return };
        if !outputs.is_empty() {
            self.program.groups.push(Group { op, inputs, attrs: call.attrs.clone(), outputs, steps });
        }
    }

    /// Takes out the groups of which others read more than the outputs.
    fn close_groups(&mut self) {
        let Program { steps, groups, outputs: returned, .. } = &mut self.program;
        groups.retain(|group| {
            let inner: HashSet<ValueId> = steps[group.steps.clone()]
                .iter()
                .flat_map(Step::makes)
                .filter(|v| !group.outputs.contains(v))
                .collect();
            let after = steps[group.steps.end..].iter().flat_map(Step::reads);
            !after.chain(returned.iter().copied()).any(|value| inner.contains(&value))
        });
    }
}

thread_local! {
    static RECORDING: RefCell<Recording> = RefCell::default();
}

thread_local! {
    /// Whether a capture is under way: the key is also that of calls that are put off.
    static IS_UNDER_WAY: Cell<bool> = const { Cell::new(false) };
}

/// Whether a capture is under way, also where it is not recording.
pub(crate) fn is_under_way() -> bool {
    IS_UNDER_WAY.get()
}

/// Whether calls are being captured.
#[inline]
pub fn active() -> bool {
    keys::is_active(Key::Capture) && IS_UNDER_WAY.get()
}

#[cold]
fn refused(why: &str) -> Error {
    Error::usage(format!("cannot be captured: {why}"))
}

struct Recorder;

impl Interpreter for Recorder {
    fn call(&self, call: &Invocation, below: Below) -> Result<Outputs> {
        if matches!(call.op.body, Body::Composite(_)) {
            // Its body may go by shapes and dtypes.
            note_facts(call.op.shown_name());
            let begun = RECORDING.with_borrow_mut(|recording| recording.begin(call));
            let outputs = below.call(call);
            let made = outputs.as_deref().ok();
            RECORDING.with_borrow_mut(|recording| recording.end(begun, call, made));
            return outputs;
        }
        // What a composite calls is recorded itself.
        if call.is_composite() {
            return below.call(call);
        }
        let op = OpId::of(call.op).ok_or_else(|| refused("an op that is not in the table was called"))?;
        let inputs = RECORDING.with_borrow_mut(|recording| recording.inputs(call))?;
        let outputs = below.call(call)?;
        RECORDING.with_borrow_mut(|recording| recording.record(op, call, inputs, &outputs))?;
        Ok(outputs)
    }

    fn records_calls(&self) -> bool {
        true
    }

    fn derivative(
        &self,
        node: &Rc<Node>,
        grads: &[Option<Tensor>],
        wanted: &dyn Fn(usize) -> bool,
        run: &mut dyn FnMut() -> Result<Grads>,
    ) -> Result<Grads> {
        RECORDING.with_borrow(|recording| recording.check_node(node))?;
        if modes::grad_enabled() {
            // All of it is calls, which are differentiated themselves.
            RECORDING.with_borrow_mut(Recording::note_differentiated);
            return run();
        }
        let made = outside(run)?;
        RECORDING.with_borrow_mut(|recording| recording.gradient(node, grads, wanted, &made))?;
        Ok(made)
    }

    fn accumulate(&self, leaf: &Tensor, g: Tensor, create_graph: bool, add: Accumulate) -> Result<()> {
        let record = |recording: &mut Recording| Ok((recording.value(leaf)?, recording.value(&g)?));
        let (leaf_value, grad) = RECORDING.with_borrow_mut(record)?;
        outside(|| add(leaf, g.clone(), create_graph))?;
        RECORDING.with_borrow_mut(|recording| {
            if let Some(now) = leaf.grad() {
                recording.values.note_written(&now);
            }
            recording.note_differentiated();
            recording.program.steps.push(Step::Accumulate { leaf: leaf_value, grad, create_graph });
        });
        Ok(())
    }

    fn check_traced(&self, what: Untraced) -> Result<()> {
        Err(refused(match what {
            Untraced::Hook => {
                "a replay would not run the hook on a gradient; remove it before the function is captured"
            }
            Untraced::CustomBackward => {
                "the backward of a custom function is not recorded; call it outside of the captured function"
            }
            Untraced::RetainedGradient => {
                "the gradient of a computed tensor is not kept by a replay; take it with grad(), or of a leaf"
            }
            Untraced::Duals => DUALS,
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
        RECORDING.with(|recording| {
            // Copies that the record itself makes are no part of it.
            if let Ok(mut recording) = recording.try_borrow_mut() {
                recording.values.note_made(t);
            }
        });
    }
}

/// Runs `f` without recording: what it makes is not of the record.
pub fn outside<R>(f: impl FnOnce() -> R) -> R {
    let was = keys::is_active(Key::Capture);
    keys::set(Key::Capture, false);
    let result = f();
    keys::set(Key::Capture, was);
    result
}

/// Stops recording for a while, or goes on, while a capture is under way; whether it was recorded
/// before.
pub fn set_recording(on: bool) -> bool {
    let was = active();
    keys::set(Key::Capture, on && RECORDING.with_borrow(|recording| recording.is_under_way));
    was
}

/// Notes that the `.grad` of `leaf` is read.
///
/// # Errors
/// The leaf cannot be part of the record.
#[inline]
pub fn note_grad_read(leaf: &Tensor) -> Result<()> {
    if active() { RECORDING.with_borrow_mut(|recording| recording.read_grad(leaf)) } else { Ok(()) }
}

/// Notes that `leaf` is given another `.grad`, or none.
///
/// # Errors
/// One of the tensors cannot be part of the record.
pub fn note_grad_set(leaf: &Tensor, grad: Option<&Tensor>) -> Result<()> {
    if !active() {
        return Ok(());
    }
    RECORDING.with_borrow_mut(|recording| {
        let leaf = recording.value(leaf)?;
        let grad = grad.map(|g| recording.value(g)).transpose()?;
        recording.program.steps.push(Step::SetGrad { leaf, grad });
        Ok(())
    })
}

/// Notes that `what` read shapes, dtypes or flags, on which what it does next may depend.
#[inline]
pub fn note_facts(what: &str) {
    if active() {
        note(what, |program| &mut program.facts_read_by);
    }
}

/// Notes that `what` depends on whether gradients are wanted.
#[inline]
pub fn note_requires_grad(what: &str) {
    if active() {
        note(what, |program| &mut program.requires_grad_read_by);
    }
}

/// Notes that the function itself read the shape of `t`.
#[inline]
pub fn note_shape(t: &Tensor) {
    if active() {
        note_facts("shape");
        RECORDING.with_borrow_mut(|recording| {
            if let Some(value) = recording.values.of_object(t) {
                recording.program.shapes_read.insert(value);
            }
        });
    }
}

#[cold]
#[inline(never)]
fn note(what: &str, read_by: fn(&mut Program) -> &mut Option<String>) {
    RECORDING.with_borrow_mut(|recording| {
        read_by(&mut recording.program).get_or_insert_with(|| what.to_string());
    });
}

/// Starts a capture of a function that is given `inputs`.
///
/// # Errors
/// One is under way already, or two inputs share memory: a replay could not tell which is used.
pub fn start(inputs: &[Tensor]) -> Result<()> {
    if active() {
        return Err(refused("a capture is under way already; call run() of what was captured before"));
    }
    lazy::settle()?;
    let mut recording = Recording {
        grad: modes::grad_enabled(),
        inference: modes::inference(),
        is_under_way: true,
        oldest: node::newest(),
        ..Recording::default()
    };
    for (i, t) in inputs.iter().enumerate() {
        if t.tangents().is_some() {
            return Err(Error::usage(format!("input {i} is a dual tensor; capture the function on plain tensors")));
        }
        if let Some(j) = inputs[..i].iter().position(|other| other.array().shares_storage(t.array())) {
            return Err(Error::usage(format!(
                "inputs {j} and {i} share memory, so that a replay could not tell which is used; clone() one of them"
            )));
        }
        let value = recording.add(t, false);
        recording.program.inputs.push(value);
        recording.program.requires_grad.push(t.requires_grad());
    }
    RECORDING.set(recording);
    IS_UNDER_WAY.set(true);
    interpreter::install(Key::Capture, &Recorder);
    keys::set(Key::Capture, true);
    Ok(())
}

fn stop() -> Recording {
    IS_UNDER_WAY.set(false);
    lazy::go_on();
    RECORDING.take()
}

/// Ends the capture and forgets it.
pub fn cancel() {
    drop(stop());
}

/// Ends the capture of a function that returned `outputs` and gives the record.
///
/// # Errors
/// An output was made or written by something a record does not hold.
pub fn finish(outputs: &[Tensor]) -> Result<Program> {
    let mut recording = stop();
    for t in outputs {
        let value = recording.value(t)?;
        recording.will_write(t)?;
        recording.program.outputs.push(value);
    }
    recording.close_groups();
    let mut program = recording.program;
    history::limit(&mut program, outputs)?;
    if cfg!(debug_assertions)
        && let Err(fault) = verify(&program)
    {
        panic!("a capture made a record that does not hold: {fault}");
    }
    program.liveness = Liveness::of(&program);
    Ok(program)
}
