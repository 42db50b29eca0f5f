//! Running a record on other inputs.

use crate::lazy;
use crate::plan::Trace;
use crate::program::{Call, Constant, Gradient, Program, Step, ValueId};
use adjoint_autograd::engine::accumulate::accumulate;
use adjoint_autograd::interpreter;
use adjoint_autograd::keys::{self, Key};
use adjoint_autograd::{Attr, Attrs, Body, Outputs, Tensor, dispatch, dispatch_in_place, dispatch_with_hidden, modes};
use adjoint_ops::naming::{camel_case, shown};
use adjoint_tensor::{Error, Result};
use smallvec::SmallVec;

impl Program {
    /// Runs the program on `inputs`; what it returns are its outputs.
    ///
    /// # Errors
    /// The record does not hold for such inputs, or a call fails.
    pub fn run(&self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>> {
        self.run_with(inputs, &[])
    }

    /// The same, with other numbers for steps of optimizers than those of the record: of each step
    /// all of its numbers, the elements of lists one by one, in order. None stands for those of the
    /// record.
    ///
    /// # Errors
    /// The record does not hold for such inputs or numbers, or a call fails.
    pub fn run_with(&self, inputs: Vec<Tensor>, numbers: &[f64]) -> Result<Vec<Tensor>> {
        self.check_inputs(&inputs)?;
        self.check_alone(&inputs)?;
        lazy::settled(|| self.plan.run(self, inputs, numbers))
    }

    /// Runs the program step by step, watched by `trace`.
    pub(crate) fn interpret(
        &self,
        inputs: Vec<Tensor>,
        numbers: &[f64],
        mut trace: Option<&mut Trace>,
    ) -> Result<Vec<Tensor>> {
        let mut numbers = Numbers::new(numbers);
        let mut values: Vec<Option<Tensor>> = vec![None; self.values.len()];
        for constant in &self.constants {
            values[constant.value as usize] = Some(constant.begin()?);
        }
        for (value, t) in self.inputs.iter().zip(inputs) {
            values[*value as usize] = Some(t);
        }
        for (i, step) in self.steps.iter().enumerate() {
            let dead = self.liveness.dead_after(i);
            match &mut trace {
                None => step.run(&mut values, dead, &mut numbers)?,
                Some(trace) => {
                    trace.watch(self, step, &mut values, |values| step.run(values, dead, &mut numbers))?;
                }
            }
            self.check_shapes(step, &values)?;
            for &value in dead {
                values[value as usize] = None;
            }
        }
        let output = |value: &u32| values[*value as usize].clone();
        self.outputs
            .iter()
            .map(|value| output(value).ok_or_else(|| Error::usage("an output was not computed")))
            .collect()
    }

    /// Fails where something would have to look into a backward pass that the program has in it.
    fn check_alone(&self, inputs: &[Tensor]) -> Result<()> {
        let is_watched =
            interpreter::records_calls() || keys::is_active(Key::Vmap) || inputs.iter().any(|t| t.tangents().is_some());
        if self.differentiates && is_watched {
            return Err(Error::usage(
                "takes gradients itself, which neither a function transform nor another capture can follow; use the function \
                 that was captured",
            ));
        }
        Ok(())
    }

    /// Fails where the record does not hold for inputs such as these.
    fn check_inputs(&self, given: &[Tensor]) -> Result<()> {
        if given.len() != self.inputs.len() {
            return Err(Error::usage(format!("takes {} inputs, got {}", self.inputs.len(), given.len())));
        }
        for (i, (t, value)) in given.iter().zip(&self.inputs).enumerate() {
            let was = &self.values[*value as usize];
            let differs = t.shape() != was.shape() || t.dtype() != was.dtype;
            if let (Some(what), true) = (&self.facts_read_by, differs) {
                return Err(Error::usage(format!(
                    "input {i} is {} {:?} and was {} {:?} when the function was captured, where {} went by shapes or \
                     dtypes; capture the function again for such inputs",
                    t.dtype().name(),
                    t.shape(),
                    was.dtype.name(),
                    was.shape(),
                    camel_case(what)
                )));
            }
            let required = self.requires_grad.get(i).copied().unwrap_or_default();
            if let (Some(what), true) = (&self.requires_grad_read_by, required != t.requires_grad()) {
                return Err(Error::usage(format!(
                    "input {i} has requiresGrad {} and had {required} when the function was captured, where {} went by that; \
                     capture the function again for such inputs",
                    t.requires_grad(),
                    camel_case(what)
                )));
            }
        }
        Ok(())
    }

    /// Fails where this step made a tensor whose shape was read and is another one now. The inputs
    /// have the shapes they had then, so it depends on values.
    fn check_shapes(&self, step: &Step, values: &[Option<Tensor>]) -> Result<()> {
        let Step::Call(call) = step else { return Ok(()) };
        for &value in call.outputs.iter().filter(|value| self.shapes_read.contains(value)) {
            let was = self.values[value as usize].shape();
            let Some(t) = values[value as usize].as_ref().filter(|t| t.shape() != was) else { continue };
            return Err(Error::shape(format!(
                "{} made a tensor of shape {:?} where the function read its shape {was:?} when it was captured; capture \
                 the function again for such inputs, or do not read shapes that depend on values",
                shown(call.op.def().shown_name()),
                t.shape(),
            )));
        }
        Ok(())
    }
}

impl Constant {
    /// What a replay begins with: the tensor, or a copy of it.
    pub(crate) fn begin(&self) -> Result<Tensor> {
        if !self.is_copied {
            return Ok(self.tensor.clone());
        }
        let array = self.tensor.array();
        Ok(Tensor::from_array(array.copy(array.dtype())?))
    }
}

/// Numbers for steps of optimizers.
pub(crate) struct Numbers<'a> {
    left: &'a [f64],
    is_given: bool,
}

impl<'a> Numbers<'a> {
    /// All of a replay; none stands for those of the record.
    pub(crate) fn new(numbers: &'a [f64]) -> Self {
        Numbers { left: numbers, is_given: !numbers.is_empty() }
    }

    /// Makes `attrs` the arguments of a step of the record, of which `last` are the numbers so far.
    pub(crate) fn of_step(&mut self, recorded: &Attrs, attrs: &mut Attrs, last: &mut Vec<f64>) -> Result<()> {
        if !self.is_given {
            *attrs = recorded.clone();
            last.clear();
            return Ok(());
        }
        let count = if last.is_empty() { count_of(recorded) } else { last.len() };
        let Some(given) = self.left.get(..count) else { return self.next().map(drop) };
        let is_same = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits();
        let is_known = !attrs.0.is_empty() && last.len() == count;
        if is_known && given.iter().zip(&*last).all(is_same) {
            self.left = &self.left[count..];
            return Ok(());
        }
        *last = given.to_vec();
        *attrs = self.of(recorded)?;
        Ok(())
    }

    fn next(&mut self) -> Result<f64> {
        let (first, left) = self.left.split_first().ok_or_else(|| Error::usage("got too few numbers of its steps"))?;
        self.left = left;
        Ok(*first)
    }

    /// The arguments of a step, with those numbers that are given.
    fn of(&mut self, attrs: &Attrs) -> Result<Attrs> {
        // The last one says how long lists of tensors are.
        let Some((lengths, numbers)) = attrs.0.split_last() else { return Ok(Attrs::new()) };
        let mut given = Attrs::new();
        for attr in numbers {
            given = given.with(match attr {
                Attr::Float(_) => Attr::Float(self.next()?),
                Attr::Bool(_) => Attr::Bool(self.next()? != 0.0),
                Attr::Floats(list) => Attr::Floats(list.iter().map(|_| self.next()).collect::<Result<_>>()?),
                _ => return Err(Error::usage("a step has an argument that is no number")),
            });
        }
        Ok(given.with(lengths.clone()))
    }
}

/// How many numbers a step takes.
fn count_of(attrs: &Attrs) -> usize {
    let count = |attr: &Attr| if let Attr::Floats(list) = attr { list.len() } else { 1 };
    attrs.0.split_last().map_or(0, |(_, numbers)| numbers.iter().map(count).sum())
}

/// The error of a leaf that has no gradient where the record reads it.
#[cold]
pub(crate) fn no_gradient() -> Error {
    Error::usage("a tensor has no gradient, and had one when the function was captured; capture the function again")
}

/// Fails where a leaf has a gradient and had none when the record asked for it.
pub(crate) fn check_no_gradient(leaf: &Tensor) -> Result<()> {
    match leaf.grad() {
        None => Ok(()),
        Some(_) => Err(Error::usage(format!(
            "a tensor of shape {:?} has a gradient, and had none when the function was captured and asked for it; set \
             it to null, or capture the function again",
            leaf.shape()
        ))),
    }
}

/// A value that is there.
fn held(values: &[Option<Tensor>], value: ValueId) -> Result<&Tensor> {
    values[value as usize].as_ref().ok_or_else(|| Error::usage(format!("value {value} was not computed")))
}

impl Step {
    fn run(&self, values: &mut [Option<Tensor>], dead: &[ValueId], numbers: &mut Numbers) -> Result<()> {
        match self {
            Step::Call(call) => call.run(values, numbers),
            Step::Gradient(gradient) => gradient.run(values, dead),
            Step::Detach { from, to } => {
                values[*to as usize] = values[*from as usize].as_ref().map(Tensor::detach);
                Ok(())
            }
            Step::Accumulate { leaf, grad, create_graph } => {
                let leaf = held(values, *leaf)?.clone();
                let g = if dead.contains(grad) { values[*grad as usize].take() } else { None };
                let g = match g {
                    Some(g) => g,
                    None => held(values, *grad)?.clone(),
                };
                // A leaf may have been frozen since the capture.
                if leaf.requires_grad() { accumulate(&leaf, g, *create_graph) } else { Ok(()) }
            }
            Step::ReadGrad { leaf, to } => {
                let grad = held(values, *leaf)?.grad().ok_or_else(no_gradient)?;
                values[*to as usize] = Some(grad);
                Ok(())
            }
            Step::SetGrad { leaf, grad } => {
                let grad = grad.map(|grad| held(values, grad).cloned()).transpose()?;
                held(values, *leaf)?.set_grad(grad)
            }
            Step::NoGrad { leaf } => check_no_gradient(held(values, *leaf)?),
        }
    }
}

impl Gradient {
    fn run(&self, values: &mut [Option<Tensor>], dead: &[ValueId]) -> Result<()> {
        let mut kept: SmallVec<[adjoint_tensor::Array; 4]> = SmallVec::new();
        for &value in &self.kept {
            kept.push(held(values, value)?.array().clone());
        }
        let mut grads = SmallVec::new();
        for (i, value) in self.grads.iter().enumerate() {
            let Some(value) = *value else {
                grads.push(None);
                continue;
            };
            // What nothing reads any more may be overwritten.
            let is_last = dead.contains(&value) && !self.grads[i + 1..].contains(&Some(value));
            grads.push(if is_last { values[value as usize].take() } else { Some(held(values, value)?.clone()) });
        }
        let made = self.derivative.run(grads, kept.into_iter())?;
        for (value, g) in self.outputs.iter().zip(made) {
            if let Some(value) = value {
                values[*value as usize] = g;
            }
        }
        Ok(())
    }
}

impl Call {
    fn run(&self, values: &mut [Option<Tensor>], numbers: &mut Numbers) -> Result<()> {
        let inputs: SmallVec<[Option<&Tensor>; 4]> =
            self.inputs.iter().map(|value| value.and_then(|value| values[value as usize].as_ref())).collect();
        let outs = self.made(&inputs, numbers)?;
        drop(inputs);
        let made = self.outputs.iter().copied().map(Some).chain(self.hidden.iter().copied());
        for (value, t) in made.zip(outs) {
            if let Some(value) = value {
                values[value as usize] = Some(t);
            }
        }
        Ok(())
    }

    /// What the call makes of these inputs, hidden outputs last where one is read.
    pub(crate) fn made(&self, inputs: &[Option<&Tensor>], numbers: &mut Numbers) -> Result<Outputs> {
        let _grad = self.grad.map(modes::GradMode::set);
        let _inference = self.inference.map(modes::Inference::set);
        let op = self.op.def();
        if self.in_place {
            dispatch_in_place(op, inputs, self.attrs.clone())?;
            return Ok(Outputs::new());
        }
        let attrs = match op.body {
            Body::Update { .. } if numbers.is_given => numbers.of(&self.attrs)?,
            _ => self.attrs.clone(),
        };
        let outs = if self.hidden.is_empty() {
            dispatch(op, inputs, attrs)?
        } else {
            dispatch_with_hidden(op, inputs, attrs)?
        };
        if outs.len() == self.outputs.len() + self.hidden.len() {
            return Ok(outs);
        }
        Err(Error::shape(format!(
            "{} made {} tensors and made {} when the function was captured; capture the function again for such inputs",
            shown(op.shown_name()),
            outs.len() - self.hidden.len().min(outs.len()),
            self.outputs.len()
        )))
    }
}
