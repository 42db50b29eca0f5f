//! What holds of every record.
//!
//! A capture checks its record in debug builds; so do tests, and code that makes a
//! record by other means.

use crate::program::{Call, Program, Step, ValueId};
use adjoint_autograd::Body;
use adjoint_ops::naming::has_in_place_form;
use std::collections::HashSet;
use std::fmt;

/// What is wrong with a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is no value of this number.
    NoSuchValue(ValueId),
    /// A value is an input, a constant or an output of a step twice.
    DefinedTwice(ValueId),
    /// A step, by its index, reads a value before anything makes it.
    ReadBeforeMade(usize, ValueId),
    /// The program returns a value that nothing makes.
    ReturnedUnmade(ValueId),
    /// A value that nothing makes.
    Unmade(ValueId),
    /// A step calls an op that the table lacks.
    NoSuchOp(usize),
    /// A step calls an op whose calls a record holds one by one instead.
    Composite(usize),
    /// A step has more arguments than its op has parameters.
    TooManyArguments(usize),
    /// A step that writes has no first input or has outputs, or its op has no form that writes.
    NoWrite(usize),
    /// A derivative does not read as many values as were kept for it.
    KeptDiffers(usize),
    /// A value without history, or a gradient, has another shape or dtype than the value it is of.
    DetachDiffers(usize),
    /// A constant's tensor has another shape or dtype than its value.
    ConstantDiffers(ValueId),
    /// Not every input says whether it required grad.
    InputsDiffer,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Fault {}

struct Checker<'a> {
    program: &'a Program,
    made: HashSet<ValueId>,
}

/// Checks every invariant of a record.
///
/// # Errors
/// The first one that does not hold.
pub fn verify(program: &Program) -> Result<(), Fault> {
    let mut checker = Checker { program, made: HashSet::new() };
    if program.inputs.len() != program.requires_grad.len() {
        return Err(Fault::InputsDiffer);
    }
    for &value in &program.inputs {
        checker.define(value)?;
    }
    for constant in &program.constants {
        checker.define(constant.value)?;
        if !program.values[constant.value as usize].fits(constant.tensor.array()) {
            return Err(Fault::ConstantDiffers(constant.value));
        }
    }
    for (i, step) in program.steps.iter().enumerate() {
        checker.step(i, step)?;
    }
    if let Some(&value) = program.outputs.iter().find(|value| !checker.made.contains(value)) {
        return Err(Fault::ReturnedUnmade(value));
    }
    let count = program.values.len() as ValueId;
    if let Some(value) = (0..count).find(|value| !checker.made.contains(value)) {
        return Err(Fault::Unmade(value));
    }
    program.shapes_read.iter().try_for_each(|&value| checker.exists(value))
}

impl Checker<'_> {
    fn exists(&self, value: ValueId) -> Result<(), Fault> {
        if (value as usize) < self.program.values.len() { Ok(()) } else { Err(Fault::NoSuchValue(value)) }
    }

    fn define(&mut self, value: ValueId) -> Result<(), Fault> {
        self.exists(value)?;
        if self.made.insert(value) { Ok(()) } else { Err(Fault::DefinedTwice(value)) }
    }

    fn step(&mut self, i: usize, step: &Step) -> Result<(), Fault> {
        for value in step.reads() {
            self.exists(value)?;
            if !self.made.contains(&value) {
                return Err(Fault::ReadBeforeMade(i, value));
            }
        }
        for value in step.makes() {
            self.define(value)?;
        }
        match step {
            Step::Call(call) => check_call(i, call),
            Step::Gradient(gradient) => {
                let fits = gradient.kept.len() == gradient.derivative.kept().count();
                if fits { Ok(()) } else { Err(Fault::KeptDiffers(i)) }
            }
            Step::ReadGrad { leaf, to } => self.check_same(i, *leaf, *to),
            Step::Accumulate { .. } | Step::SetGrad { .. } | Step::NoGrad { .. } => Ok(()),
            Step::Detach { from, to } => self.check_same(i, *from, *to),
        }
    }

    fn check_same(&self, i: usize, from: ValueId, to: ValueId) -> Result<(), Fault> {
        let [from, to] = [from, to].map(|value| &self.program.values[value as usize]);
        let is_same = from.shape() == to.shape() && from.dtype == to.dtype;
        if is_same { Ok(()) } else { Err(Fault::DetachDiffers(i)) }
    }
}

fn check_call(i: usize, call: &Call) -> Result<(), Fault> {
    if !call.op.exists() {
        return Err(Fault::NoSuchOp(i));
    }
    let op = call.op.def();
    if matches!(op.body, Body::Composite(_)) {
        return Err(Fault::Composite(i));
    }
    // A step's last argument says how long its lists are.
    let lengths = usize::from(matches!(op.body, Body::Update { .. }));
    if call.attrs.0.len() > op.args.iter().filter(|arg| !arg.kind.is_tensor()).count() + lengths {
        return Err(Fault::TooManyArguments(i));
    }
    let writes = matches!(call.inputs.first(), Some(Some(_))) && call.outputs.is_empty() && has_in_place_form(op);
    if call.in_place && !writes { Err(Fault::NoWrite(i)) } else { Ok(()) }
}
