//! Recording the calls of a function.
//!
//! Between [`start`] and [`finish`] an [`Interpreter`] sees every dispatched call. What is not in
//! the record can only be a constant: a tensor from before the capture, or one made of numbers
//! inside.

use crate::liveness::Liveness;
use crate::program::{Call, Constant, Inputs, Program, Step, ValueId};
use crate::values::{Found, Values};
use crate::verify::verify;
use adjoint_autograd::interpreter::{self, Below, Interpreter, Invocation, Untraced};
use adjoint_autograd::keys::{self, Key};
use adjoint_autograd::node::OutMeta;
use adjoint_autograd::{Body, Outputs, Tensor, modes};
use adjoint_ops::OpId;
use adjoint_tensor::{Error, Result};
use std::cell::RefCell;

/// A record in the making.
#[derive(Default)]
struct Recording {
    program: Program,
    values: Values,
    /// The modes the function began in.
    grad: bool,
    inference: bool,
}

/// Why calls on dual tensors are refused.
const DUALS: &str = "tangents are no part of a record; capture the function itself and differentiate its run()";

/// Why backward passes are refused.
const BACKWARD: &str = "a backward pass is not recorded, so that a replay would give this call's gradients; capture the forward pass and \
     differentiate what run() returns";

impl Recording {
    fn add(&mut self, t: &Tensor, is_constant: bool) -> ValueId {
        self.program.values.push(OutMeta::of(t));
        self.values.add(t, is_constant)
    }

    fn constant(&mut self, t: &Tensor) -> ValueId {
        let value = self.add(t, true);
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
            Found::Constant => Ok(self.constant(t)),
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
        let values = self.values.will_write(t);
        let mut constants = self.program.constants.iter_mut().filter(|c| values.contains(&c.value) && !c.is_copied);
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

    /// The input values of a call as they are before it.
    fn inputs(&mut self, call: &Invocation) -> Result<Inputs> {
        let inputs = call.inputs.iter().map(|t| t.map(|t| self.value(t)).transpose()).collect::<Result<_>>()?;
        if let (true, Some(Some(this))) = (call.in_place, call.inputs.first()) {
            self.will_write(this)?;
        }
        Ok(inputs)
    }

    /// Records a call that gave `outputs` or wrote its first input.
    fn record(&mut self, op: OpId, call: &Invocation, inputs: Inputs, outputs: &[Tensor]) {
        let outputs = outputs.iter().map(|t| self.add(t, false)).collect();
        if let (true, Some(Some(this))) = (call.in_place, call.inputs.first()) {
            self.values.note_written(this);
        }
        let changed = |now: bool, before: bool| (now != before).then_some(now);
        let grad = changed(modes::grad_enabled(), self.grad);
        let inference = changed(modes::inference(), self.inference);
        let (attrs, in_place) = (call.attrs.clone(), call.in_place);
        self.program.steps.push(Step::Call(Call { op, inputs, attrs, outputs, in_place, grad, inference }));
    }
}

thread_local! {
    static RECORDING: RefCell<Recording> = RefCell::default();
}

/// Whether calls are being captured.
#[inline]
pub fn active() -> bool {
    keys::is_active(Key::Capture)
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
        }
        // What a composite calls is recorded itself; a step is refused.
        if call.is_composite() || call.is_update() {
            return below.call(call);
        }
        let op = OpId::of(call.op).ok_or_else(|| refused("an op that is not in the table was called"))?;
        let inputs = RECORDING.with_borrow_mut(|recording| recording.inputs(call))?;
        let outputs = below.call(call)?;
        RECORDING.with_borrow_mut(|recording| recording.record(op, call, inputs, &outputs));
        Ok(outputs)
    }

    fn records_calls(&self) -> bool {
        true
    }

    fn check_traced(&self, what: Untraced) -> Result<()> {
        Err(refused(match what {
            Untraced::BackwardPass => BACKWARD,
            Untraced::Duals => DUALS,
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
        RECORDING.with(|recording| {
            // Copies that the record itself makes are no part of it.
            if let Ok(mut recording) = recording.try_borrow_mut() {
                recording.values.note_made(t);
            }
        });
    }
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
    let mut recording =
        Recording { grad: modes::grad_enabled(), inference: modes::inference(), ..Recording::default() };
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
    interpreter::install(Key::Capture, &Recorder);
    keys::set(Key::Capture, true);
    Ok(())
}

fn stop() -> Recording {
    keys::set(Key::Capture, false);
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
    let mut program = recording.program;
    if cfg!(debug_assertions)
        && let Err(fault) = verify(&program)
    {
        panic!("a capture made a record that does not hold: {fault}");
    }
    program.liveness = Liveness::of(&program);
    Ok(program)
}
