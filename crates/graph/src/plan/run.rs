//! A replay by instructions.

use super::{Ids, Instruction, Place, Plan, Value, Way};
use crate::program::{Call, Gradient, Program, Step, ValueId};
use crate::replay::Numbers;
use adjoint_autograd::engine::accumulate::accumulate;
use adjoint_autograd::{Arrays, Tensor, modes};
use adjoint_tensor::{Array, Error, Meta, Result, Storage};
use smallvec::SmallVec;

/// The values of a replay that is under way.
struct Memory<'a> {
    values: &'a [Value],
    arrays: &'a mut [Option<Array>],
    tensors: &'a [Option<Tensor>],
    buffers: &'a mut [Option<Storage>],
    bytes: &'a [usize],
    same: &'a [ValueId],
}

#[cold]
fn missing(value: ValueId) -> Error {
    Error::usage(format!("value {value} was not computed"))
}

impl Plan {
    /// Runs the program on inputs for which the plan holds.
    pub(super) fn run(&mut self, program: &Program, inputs: Vec<Tensor>, numbers: &[f64]) -> Result<Vec<Tensor>> {
        let _mode = modes::GradMode::set(false);
        let mut numbers = Numbers::new(numbers);
        for constant in program.constants.iter().filter(|constant| constant.is_copied) {
            self.arrays[constant.value as usize] = Some(constant.begin()?.array().clone());
        }
        for (&value, t) in program.inputs.iter().zip(inputs) {
            self.arrays[value as usize] = Some(t.array().clone());
            self.tensors[value as usize] = Some(t);
        }
        let Plan { instructions, values, arrays, tensors, buffers, bytes, same, .. } = self;
        let mut memory = Memory { values, arrays, tensors, buffers, bytes, same };
        for instruction in instructions.iter_mut() {
            memory.take(program, instruction, &mut numbers)?;
            for &v in &instruction.dead {
                memory.drop_value(v);
            }
        }
        let mut outputs: Vec<Tensor> = Vec::with_capacity(program.outputs.len());
        for (i, &v) in program.outputs.iter().enumerate() {
            let again = program.outputs[..i].iter().position(|&before| before == v);
            outputs.push(match (again, &memory.tensors[v as usize]) {
                (Some(before), _) => outputs[before].clone(),
                (None, Some(t)) => t.clone(),
                (None, None) => Tensor::from_array(memory.arrays[v as usize].take().ok_or_else(|| missing(v))?),
            });
        }
        for &value in &program.inputs {
            self.arrays[value as usize] = None;
            self.tensors[value as usize] = None;
        }
        Ok(outputs)
    }
}

impl Memory<'_> {
    #[inline]
    fn array(&self, v: ValueId) -> Result<&Array> {
        self.arrays[v as usize].as_ref().ok_or_else(|| missing(v))
    }

    /// The value as a step of the program reads it.
    fn tensor(&self, v: ValueId) -> Result<Tensor> {
        let v = self.same[v as usize];
        match &self.tensors[v as usize] {
            Some(t) => Ok(t.clone()),
            None => Ok(Tensor::from_array(self.array(v)?.clone())),
        }
    }

    fn meta(&self, v: ValueId) -> Result<&Meta> {
        self.values[v as usize].meta.as_ref().ok_or_else(|| missing(v))
    }

    /// The array that a value is computed into.
    fn place(&mut self, v: ValueId) -> Result<Array> {
        let value = &self.values[v as usize];
        if let Some(over) = value.over
            && let Some(array) = self.arrays[over as usize].take_if(|array| array.is_unshared())
        {
            return Ok(array);
        }
        let meta = self.meta(v)?.clone();
        let storage = match value.place {
            // Where a derivative holds it still, the buffer is another one from now on.
            Place::Buffer(buffer) => match self.buffers[buffer].take().filter(Storage::is_unshared) {
                Some(storage) => storage,
                None => Storage::uninit(self.bytes[buffer])?,
            },
            Place::Own | Place::Elsewhere => Storage::uninit(meta.bytes())?,
        };
        Array::on(storage, meta)
    }

    /// Lets go of a value that nothing reads any more.
    #[inline]
    fn drop_value(&mut self, v: ValueId) {
        let Some(array) = self.arrays[v as usize].take() else { return };
        if let Place::Buffer(buffer) = self.values[v as usize].place {
            self.buffers[buffer] = Some(array.into_storage());
        }
    }

    /// Takes one instruction.
    fn take(&mut self, program: &Program, instruction: &mut Instruction, numbers: &mut Numbers) -> Result<()> {
        match &mut instruction.way {
            Way::Formula { formula, operands, out } => {
                let array = self.place(*out)?;
                let mut read: SmallVec<[&Array; 5]> = SmallVec::new();
                let over = self.values[*out as usize].over;
                for &v in &*operands {
                    read.push(match &self.arrays[v as usize] {
                        Some(array) => array,
                        // What is overwritten is in the place of the result already.
                        None if over == Some(v) => &array,
                        None => return Err(missing(v)),
                    });
                }
                formula.run(&read, &array)?;
                drop(read);
                self.arrays[*out as usize] = Some(array);
                Ok(())
            }
            Way::Write { formula, operands } => {
                let mut read: SmallVec<[&Array; 5]> = SmallVec::new();
                for &v in &*operands {
                    read.push(self.array(v)?);
                }
                let this = self.array(operands[0])?;
                formula.run(&read, this)?;
                this.storage().bump_version();
                Ok(())
            }
            Way::Kernel { kernel, inputs, outs } => {
                let mut made = Arrays::new();
                for &v in &*outs {
                    made.push(self.place(v)?);
                }
                let mut read: SmallVec<[Option<&Array>; 4]> = SmallVec::new();
                for v in &*inputs {
                    read.push(v.map(|v| self.array(v)).transpose()?);
                }
                kernel.run(&read, &mut made)?;
                drop(read);
                for (&v, array) in outs.iter().zip(made) {
                    self.arrays[v as usize] = Some(array);
                }
                Ok(())
            }
            Way::View { from, outs } => {
                for &v in &*outs {
                    let storage = self.array(*from)?.storage().clone();
                    self.arrays[v as usize] = Some(Array::on(storage, self.meta(v)?.clone())?);
                }
                Ok(())
            }
            Way::Update { update, inputs, attrs, last } => {
                let Step::Call(call) = &program.steps[instruction.step] else { return Ok(()) };
                numbers.of_step(&call.attrs, attrs, last)?;
                let mut read: SmallVec<[&Array; 32]> = SmallVec::new();
                for &v in &*inputs {
                    read.push(self.array(v)?);
                }
                update.run(&read, attrs)
            }
            Way::Step => self.step(&program.steps[instruction.step], &instruction.dead, numbers),
        }
    }

    /// Takes a step as it is taken without a plan.
    fn step(&mut self, step: &Step, dead: &[ValueId], numbers: &mut Numbers) -> Result<()> {
        match step {
            Step::Call(call) => self.call(call, numbers),
            Step::Gradient(gradient) => self.gradient(gradient, dead),
            Step::Detach { from, to } => {
                self.arrays[*to as usize] = Some(self.array(self.same[*from as usize])?.clone());
                Ok(())
            }
            Step::Accumulate { leaf, grad, .. } => {
                let leaf = self.tensor(*leaf)?;
                let g = self.handed_over(*grad, dead)?;
                // A leaf may have been frozen since the capture.
                if leaf.requires_grad() { accumulate(&leaf, g, false) } else { Ok(()) }
            }
            Step::ReadGrad { leaf, to } => {
                let grad = self.tensor(*leaf)?.grad().ok_or_else(crate::replay::no_gradient)?;
                self.arrays[*to as usize] = Some(grad.array().clone());
                Ok(())
            }
            Step::SetGrad { leaf, .. } => self.tensor(*leaf)?.set_grad(None),
            Step::NoGrad { leaf } => crate::replay::check_no_gradient(&self.tensor(*leaf)?),
        }
    }

    /// A gradient, which is moved where nothing reads it afterwards, so that it may be overwritten or
    /// become that of a leaf. What is in a buffer stays there.
    fn handed_over(&mut self, v: ValueId, dead: &[ValueId]) -> Result<Tensor> {
        let v = self.same[v as usize];
        let is_moved = dead.contains(&v) && !matches!(self.values[v as usize].place, Place::Buffer(_));
        match self.arrays[v as usize].take_if(|_| is_moved) {
            Some(array) => Ok(Tensor::from_array(array)),
            None => self.tensor(v),
        }
    }

    fn gradient(&mut self, gradient: &Gradient, dead: &[ValueId]) -> Result<()> {
        let mut kept: SmallVec<[Array; 4]> = SmallVec::new();
        for &v in &gradient.kept {
            kept.push(self.array(self.same[v as usize])?.clone());
        }
        let mut grads = SmallVec::new();
        for (i, v) in gradient.grads.iter().enumerate() {
            let Some(v) = *v else {
                grads.push(None);
                continue;
            };
            let is_last = !gradient.grads[i + 1..].contains(&Some(v)) && !gradient.kept.contains(&v);
            grads.push(Some(if is_last { self.handed_over(v, dead)? } else { self.tensor(v)? }));
        }
        let made = gradient.derivative.run(grads, kept.into_iter())?;
        for (v, g) in gradient.outputs.iter().zip(made) {
            if let (Some(v), Some(g)) = (v, g) {
                self.arrays[*v as usize] = Some(g.array().clone());
            }
        }
        Ok(())
    }

    fn call(&mut self, call: &Call, numbers: &mut Numbers) -> Result<()> {
        let mut inputs: SmallVec<[Option<Tensor>; 4]> = SmallVec::new();
        for v in &call.inputs {
            inputs.push(v.map(|v| self.tensor(v)).transpose()?);
        }
        let given: SmallVec<[Option<&Tensor>; 4]> = inputs.iter().map(Option::as_ref).collect();
        let outs = call.made(&given, numbers)?;
        drop(given);
        let made: Ids = call.outputs.iter().copied().collect();
        let values = made.into_iter().map(Some).chain(call.hidden.iter().copied());
        for (v, t) in values.zip(outs) {
            if let Some(v) = v {
                self.arrays[v as usize] = Some(t.array().clone());
            }
        }
        Ok(())
    }
}
