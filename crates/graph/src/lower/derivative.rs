//! The calls of a derivative.
//!
//! A derivative runs once on zeros of the recorded shapes, in the form in which gradients can be
//! differentiated, which is made of ops. An [`Interpreter`] of its own writes these down: values
//! are told by their places in memory, whatever their history.

use super::functional::{Functional, SlotId};
use super::{Lowering, Origin};
use crate::program::{Gradient, ValueId};
use crate::values::{Place, place_of};
use adjoint_autograd::interpreter::{self, Below, Interpreter, Invocation};
use adjoint_autograd::keys::{self, Key};
use adjoint_autograd::{Body, Outputs, Tensor};
use adjoint_ops::OpId;
use adjoint_tensor::{Array, Error, Meta, Result};
use smallvec::SmallVec;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

#[derive(Default)]
struct Trace {
    functional: Functional,
    places: HashMap<Place, SlotId>,
    storages: HashSet<usize>,
    /// Held, so that no storage is freed and its address used again.
    held: Vec<Tensor>,
}

thread_local! {
    static TRACE: RefCell<Trace> = RefCell::default();
}

fn storage_of(array: &Array) -> usize {
    array.storage().as_ptr() as usize
}

impl Trace {
    fn note(&mut self, t: &Tensor, slot: SlotId) {
        self.places.insert(place_of(t.array()), slot);
        self.storages.insert(storage_of(t.array()));
        self.held.push(t.clone());
    }

    /// The slot of a tensor. One that no call made is a constant.
    fn slot(&mut self, t: &Tensor) -> Result<SlotId> {
        if let Some(slot) = self.places.get(&place_of(t.array())) {
            return Ok(*slot);
        }
        if self.storages.contains(&storage_of(t.array())) {
            return Err(Error::usage(format!(
                "a derivative reads a tensor of shape {:?} that shares memory with others and was not made by an op",
                t.shape()
            )));
        }
        // It may be written afterwards. A number cannot be.
        let array = t.array();
        let copy = if t.is_wrapped_number() { t.clone() } else { Tensor::from_array(array.copy(array.dtype())?) };
        let (slot, _) = self.functional.constant(&copy, Origin::Made)?;
        self.note(t, slot);
        Ok(slot)
    }
}

struct Tracer;

impl Interpreter for Tracer {
    fn call(&self, call: &Invocation, below: Below) -> Result<Outputs> {
        if matches!(call.op.body, Body::Composite(_)) || call.is_composite() {
            return below.call(call);
        }
        let slots = |trace: &mut Trace| {
            call.inputs.iter().map(|t| t.map(|t| trace.slot(t)).transpose()).collect::<Result<SmallVec<[_; 4]>>>()
        };
        let inputs = TRACE.with_borrow_mut(slots)?;
        let outputs = below.call(call)?;
        TRACE.with_borrow_mut(|trace| {
            let op = OpId::of(call.op).ok_or_else(|| Error::usage("an op that is not in the table was called"))?;
            let meta = |t: &Tensor| Meta::contiguous(t.shape(), t.dtype()).map(Some);
            let metas = outputs.iter().map(meta).collect::<Result<SmallVec<[_; 2]>>>()?;
            let made = trace.functional.record(op, &inputs, call.attrs, call.in_place, &metas)?;
            for (t, slot) in outputs.iter().zip(made) {
                trace.note(t, slot.ok_or_else(|| Error::usage("a call has no value"))?);
            }
            Ok(outputs)
        })
    }

    fn records_calls(&self) -> bool {
        true
    }
}

/// Calls `f` while calls are written down.
fn traced<R>(f: impl FnOnce() -> Result<R>) -> Result<R> {
    interpreter::install(Key::Capture, &Tracer);
    keys::set(Key::Capture, true);
    let result = f();
    keys::set(Key::Capture, false);
    result
}

impl Lowering<'_> {
    /// The calls of a derivative, in place of it.
    pub(super) fn gradient(&mut self, gradient: &Gradient) -> Result<()> {
        let functional = std::mem::take(&mut self.functional);
        TRACE.set(Trace { functional, ..Trace::default() });
        let made = self.trace(gradient);
        let mut trace = TRACE.take();
        self.functional = std::mem::take(&mut trace.functional);
        // What it gives is told from what it is given: a later write is to one of them.
        for (value, slot) in made? {
            let made = self.functional.read(slot)?;
            self.slots[value as usize] = Some(self.functional.define(made));
        }
        Ok(())
    }

    /// The slots of what the derivative makes.
    fn trace(&self, gradient: &Gradient) -> Result<Vec<(ValueId, SlotId)>> {
        let zeros = |value: ValueId| {
            let meta = &self.program.values[value as usize];
            // What a derivative is may depend on a number, such as an exponent.
            let number = self.program.constants.iter().find(|c| c.value == value && c.tensor.is_wrapped_number());
            let t = Tensor::from_array(match number {
                Some(number) => number.tensor.array().copy(meta.dtype)?,
                None => Array::zeros(meta.shape(), meta.dtype)?,
            });
            let slot = self.slot(value)?;
            TRACE.with_borrow_mut(|trace| trace.note(&t, slot));
            Ok(t)
        };
        let grads: SmallVec<[Option<Tensor>; 1]> =
            gradient.grads.iter().map(|value| value.map(zeros).transpose()).collect::<Result<_>>()?;
        let kept = gradient.kept.iter().map(|&value| zeros(value)).collect::<Result<Vec<Tensor>>>()?;
        traced(|| {
            let made = gradient.derivative.run_by_ops(grads, kept.iter().map(|t| t.array().clone()))?;
            let mut found = Vec::new();
            for (i, value) in gradient.outputs.iter().enumerate() {
                let Some(value) = *value else { continue };
                let meta = &self.program.values[value as usize];
                let g = match made.get(i).cloned().flatten() {
                    Some(g) => gradient.derivative.fitted(i, meta, g)?,
                    None => Tensor::from_array(Array::zeros(meta.shape(), meta.dtype)?),
                };
                found.push((value, TRACE.with_borrow_mut(|trace| trace.slot(&g))?));
            }
            Ok(found)
        })
    }
}
