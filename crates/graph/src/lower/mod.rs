//! Lowering: a record in functional form, which exporters and other engines read.
//!
//! A [`Program`] says what the CPU has to do: derivatives by their own kernels, writes in place,
//! gradients in the `.grad` of leaves. A [`Lowered`] record is calls alone. Derivatives are the ops
//! that their formulas call, a write makes a new value, and what parameters, states of optimizers
//! and gradients hold after a step is a list of values.
//!
//! | module | duty |
//! |---|---|
//! | `functional` | writes as new values, by way of views too |
//! | `derivative` | the calls of a derivative |

mod derivative;
mod functional;

use crate::program::{Inputs, Program, Step, ValueId};
use adjoint_autograd::node::OutMeta;
use adjoint_autograd::{Attrs, Tensor};
use adjoint_ops::OpId;
use adjoint_tensor::{Array, Error, Meta, Result};
use functional::{Functional, SlotId};
use smallvec::SmallVec;
use std::collections::{HashMap, HashSet};

/// A record in functional form: every value is made once, and nothing is written.
#[derive(Clone, Debug, Default)]
pub struct Lowered {
    /// Shape and dtype of every value.
    pub values: Vec<Meta>,
    /// The values it is given.
    pub inputs: Vec<ValueId>,
    /// The values it returns.
    pub outputs: Vec<ValueId>,
    /// The values it has without being given them.
    pub constants: Vec<LoweredConstant>,
    /// The calls in order.
    pub calls: Vec<LoweredCall>,
    /// What constants hold after a step: the constant, and the value that takes its place.
    pub updates: Vec<(ValueId, ValueId)>,
    /// The gradients that leaves have after a step and that no later step reads: the leaf's
    /// constant, and its gradient.
    pub gradients: Vec<(ValueId, ValueId)>,
}

/// One call. What an op hides stands behind its outputs.
#[derive(Clone, Debug)]
pub struct LoweredCall {
    /// The op. One that writes lists, a step of an optimizer, has what it wrote as its outputs, in the
    /// order of its inputs.
    pub op: OpId,
    /// Its input values.
    pub inputs: Inputs,
    /// Its other arguments.
    pub attrs: Attrs,
    /// Its output values; `None` for a hidden one that nothing reads.
    pub outputs: SmallVec<[Option<ValueId>; 1]>,
}

/// A value that is there before a step.
#[derive(Clone, Debug)]
pub struct LoweredConstant {
    /// The value.
    pub value: ValueId,
    /// What it holds before the next step.
    pub tensor: Tensor,
    /// Where it is from.
    pub origin: Origin,
}

/// Where a constant is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It is a constant of the program, by its value there.
    Constant(ValueId),
    /// It is the `.grad` of a leaf, by the leaf's value in the program.
    Gradient(ValueId),
    /// Lowering made it.
    Made,
}

/// What is known of the `.grad` of a leaf.
enum Grad {
    Nothing,
    Held(SlotId),
}

impl Program {
    /// The record in functional form. Derivatives are traced on zeros of the recorded shapes.
    ///
    /// # Errors
    /// It writes an input, memory that two of its constants share, or by a view that has no
    /// functional form; a derivative reads what a record does not hold.
    pub fn lowered(&self) -> Result<Lowered> {
        if crate::capture::active() {
            return Err(Error::usage("a record is not lowered while a function is captured; do it afterwards"));
        }
        let mut lowering = Lowering::new(self)?;
        for step in &self.steps {
            lowering.step(step)?;
        }
        lowering.finish()
    }
}

struct Lowering<'a> {
    program: &'a Program,
    functional: Functional,
    /// Of each value of the program.
    slots: Vec<Option<SlotId>>,
    /// The inputs, and what they are before they are written.
    inputs: Vec<(SlotId, ValueId)>,
    /// The constants that outlive a step: the slot, the value it begins with, and its leaf.
    kept: Vec<(SlotId, ValueId)>,
    /// By the leaf's slot.
    grads: HashMap<SlotId, Grad>,
    /// Leaves with gradients, in the order in which these came to be.
    leaves: Vec<(SlotId, ValueId)>,
    /// The gradients that a step begins with: the leaf's slot, and the value.
    first_grads: Vec<(SlotId, ValueId)>,
    /// The leaves whose `.grad` was set to none last.
    ends_without: HashSet<ValueId>,
}

fn meta_of(meta: &OutMeta) -> Result<Meta> {
    Meta::contiguous(meta.shape(), meta.dtype)
}

impl<'a> Lowering<'a> {
    fn new(program: &'a Program) -> Result<Self> {
        let mut lowering = Lowering {
            program,
            functional: Functional::default(),
            slots: vec![None; program.values.len()],
            inputs: Vec::new(),
            kept: Vec::new(),
            grads: HashMap::new(),
            leaves: Vec::new(),
            first_grads: Vec::new(),
            ends_without: HashSet::new(),
        };
        for &input in &program.inputs {
            let value = lowering.functional.value(meta_of(&program.values[input as usize])?);
            let slot = lowering.functional.define(value);
            lowering.functional.lowered.inputs.push(value);
            lowering.inputs.push((slot, value));
            lowering.slots[input as usize] = Some(slot);
        }
        // Aliases without history are other constants of the same memory.
        let mut by_storage: HashMap<usize, SmallVec<[(Array, SlotId); 1]>> = HashMap::new();
        for constant in &program.constants {
            let array = constant.tensor.array();
            let same = by_storage.entry(array.storage().as_ptr() as usize).or_default();
            let alias =
                same.iter().find(|(other, _)| other.layout() == array.layout() && other.dtype() == array.dtype());
            let slot = if let Some((_, slot)) = alias {
                *slot
            } else {
                let origin = Origin::Constant(constant.value);
                let (slot, value) = lowering.functional.constant(&constant.tensor, origin)?;
                for (_, other) in same.iter() {
                    lowering.functional.forbid_writes(*other);
                    lowering.functional.forbid_writes(slot);
                }
                same.push((array.clone(), slot));
                if !constant.is_copied {
                    lowering.kept.push((slot, value));
                }
                slot
            };
            lowering.slots[constant.value as usize] = Some(slot);
        }
        for step in &program.steps {
            match step {
                Step::SetGrad { leaf, grad: None } => _ = lowering.ends_without.insert(*leaf),
                Step::SetGrad { leaf, .. } | Step::Accumulate { leaf, .. } => _ = lowering.ends_without.remove(leaf),
                _ => {}
            }
        }
        Ok(lowering)
    }

    fn slot(&self, value: ValueId) -> Result<SlotId> {
        self.slots[value as usize].ok_or_else(|| Error::usage(format!("value {value} is read before it is made")))
    }

    fn all(&self, values: &[Option<ValueId>]) -> Result<SmallVec<[Option<SlotId>; 4]>> {
        values.iter().map(|value| value.map(|value| self.slot(value)).transpose()).collect()
    }

    fn step(&mut self, step: &Step) -> Result<()> {
        match step {
            Step::Call(call) => {
                let inputs = self.all(&call.inputs)?;
                let made = call.outputs.iter().copied().map(Some).chain(call.hidden.iter().copied());
                let made: SmallVec<[Option<ValueId>; 3]> = made.collect();
                let meta = |value: &Option<ValueId>| {
                    value.map(|value| meta_of(&self.program.values[value as usize])).transpose()
                };
                let metas = made.iter().map(meta).collect::<Result<SmallVec<[Option<Meta>; 3]>>>()?;
                let slots = self.functional.record(call.op, &inputs, &call.attrs, call.in_place, &metas)?;
                for (value, slot) in made.into_iter().zip(slots) {
                    if let Some(value) = value {
                        self.slots[value as usize] = slot;
                    }
                }
                Ok(())
            }
            Step::Gradient(gradient) => self.gradient(gradient),
            // History is no part of values.
            Step::Detach { from, to } => {
                self.slots[*to as usize] = Some(self.slot(*from)?);
                Ok(())
            }
            Step::Accumulate { leaf, grad, create_graph } => self.accumulate(*leaf, *grad, *create_graph),
            Step::ReadGrad { leaf, to } => {
                let slot = self.slot(*leaf)?;
                self.begin_grad(*leaf)?;
                match self.grads.get(&slot) {
                    Some(Grad::Held(grad)) => {
                        self.slots[*to as usize] = Some(*grad);
                        Ok(())
                    }
                    _ => Err(Error::usage("a gradient is read that no step of the record makes")),
                }
            }
            Step::SetGrad { leaf, grad } => {
                let slot = self.slot(*leaf)?;
                let grad = match grad {
                    Some(grad) => Grad::Held(self.slot(*grad)?),
                    None => Grad::Nothing,
                };
                self.note_leaf(*leaf)?;
                self.grads.insert(slot, grad);
                Ok(())
            }
            Step::NoGrad { leaf } => {
                let slot = self.slot(*leaf)?;
                self.grads.entry(slot).or_insert(Grad::Nothing);
                Ok(())
            }
        }
    }

    fn note_leaf(&mut self, leaf: ValueId) -> Result<()> {
        let slot = self.slot(leaf)?;
        if !self.leaves.iter().any(|(known, _)| *known == slot) {
            self.leaves.push((slot, leaf));
        }
        Ok(())
    }

    /// Makes the `.grad` that a leaf has before a step a constant, where a step reads it.
    fn begin_grad(&mut self, leaf: ValueId) -> Result<()> {
        let slot = self.slot(leaf)?;
        self.note_leaf(leaf)?;
        if self.grads.contains_key(&slot) {
            return Ok(());
        }
        let constant = self.program.constants.iter().find(|constant| constant.value == leaf);
        let first = match constant {
            Some(constant) if !self.ends_without.contains(&leaf) => {
                // None is a gradient of 0.
                let grad = match constant.tensor.grad() {
                    Some(grad) => grad.detach(),
                    None => {
                        let meta = &self.program.values[leaf as usize];
                        Tensor::from_array(Array::zeros(meta.shape(), meta.dtype)?)
                    }
                };
                let (grad, value) = self.functional.constant(&grad, Origin::Gradient(leaf))?;
                self.first_grads.push((slot, value));
                Grad::Held(grad)
            }
            _ => Grad::Nothing,
        };
        self.grads.insert(slot, first);
        Ok(())
    }

    fn accumulate(&mut self, leaf: ValueId, grad: ValueId, create_graph: bool) -> Result<()> {
        self.begin_grad(leaf)?;
        let (slot, grad) = (self.slot(leaf)?, self.slot(grad)?);
        let g = self.functional.read(grad)?;
        let before = match self.grads.get(&slot) {
            Some(Grad::Held(before)) => Some(*before),
            _ => None,
        };
        let now = match before {
            None => self.functional.define(g),
            Some(before) => {
                let sum = self.functional.add(before, g)?;
                if create_graph {
                    self.functional.define(sum)
                } else {
                    self.functional.write(before, sum)?;
                    before
                }
            }
        };
        self.grads.insert(slot, Grad::Held(now));
        Ok(())
    }

    fn finish(mut self) -> Result<Lowered> {
        for (i, &(slot, value)) in self.inputs.iter().enumerate() {
            if self.functional.root(slot) != value {
                return Err(Error::usage(format!(
                    "input {i} is written by the function, which a record in functional form cannot say; write a clone() of it"
                )));
            }
        }
        for &output in &self.program.outputs {
            let value = self.functional.read(self.slot(output)?)?;
            self.functional.lowered.outputs.push(value);
        }
        for &(slot, first) in &self.kept {
            let last = self.functional.root(slot);
            if last != first {
                self.functional.lowered.updates.push((first, last));
            }
        }
        for (slot, leaf) in std::mem::take(&mut self.leaves) {
            let Some(Grad::Held(grad)) = self.grads.get(&slot) else { continue };
            let last = self.functional.read(*grad)?;
            if let Some((_, first)) = self.first_grads.iter().find(|(of, _)| *of == slot) {
                self.functional.lowered.updates.push((*first, last));
            } else if self.program.constants.iter().any(|constant| constant.value == leaf) {
                let parameter = self.kept.iter().find(|(kept, _)| *kept == slot);
                self.functional.lowered.gradients.extend(parameter.map(|(_, value)| (*value, last)));
            }
        }
        Ok(self.functional.lowered)
    }
}
