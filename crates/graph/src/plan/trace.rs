//! The facts of a replay, and how each step of it is made again.

use super::{Ids, Plan, build};
use crate::program::{Call, Gradient, Program, Step, ValueId};
use adjoint_autograd::infer::{self, Given, Known};
use adjoint_autograd::prepared::{Formula, Kernel, Prepared, Update};
use adjoint_autograd::{Body, Source, Tensor, keys, modes, update};
use adjoint_tensor::{Array, Meta, Result};
use smallvec::SmallVec;
use std::collections::HashSet;

/// Steps of a program beyond which an instruction for each would take too much memory: some hundred
/// bytes.
const MOST_STEPS: usize = 1 << 17;

/// What a plan goes by besides the program.
#[derive(Debug)]
pub(crate) struct Holds {
    inputs: Vec<Meta>,
    /// Leaves whose `.grad` a replay begins with, and its facts.
    grads: Vec<(ValueId, Option<Meta>)>,
    /// Leaves that get gradients.
    leaves: Vec<ValueId>,
    /// Whether a step is taken that records for gradients where something asks for them.
    may_record: bool,
}

impl Holds {
    /// The leaves whose `.grad` a replay begins with, and its facts.
    pub(super) fn grads(&self) -> &[(ValueId, Option<Meta>)] {
        &self.grads
    }
}

/// How a step is made again.
#[derive(Debug)]
pub(super) enum How {
    Formula(Formula, Ids),
    Write(Formula, Ids),
    /// The gradients of a formula, each with its operands and the value that it is.
    Gradients(Vec<(Formula, Ids, ValueId)>),
    Kernel(Kernel),
    View,
    Update(Update),
    Dispatched,
}

/// What a replay was seen to do.
#[derive(Debug)]
pub(crate) struct Trace {
    pub(super) how: Vec<How>,
    pub(super) metas: Vec<Option<Meta>>,
    /// Of each value, the one that made the storage it is in; itself where it did.
    pub(super) roots: Vec<ValueId>,
    /// Values in storages from before the replay, or that a leaf holds.
    pub(super) is_given: Vec<bool>,
    /// Values that are written in place, by their roots once all is seen.
    pub(super) written: HashSet<ValueId>,
    /// The tensors of constants that replays do not copy.
    pub(super) tensors: Vec<Option<Tensor>>,
    holds: Holds,
    /// Whether something was seen of which no plan can be made.
    is_refused: bool,
}

/// The values that a step writes in place.
pub(super) fn written(step: &Step) -> SmallVec<[ValueId; 4]> {
    let Step::Call(call) = step else { return SmallVec::new() };
    let op = call.op.def();
    match op.body {
        Body::Update { .. } => {
            update::written(op, &call.inputs, &call.attrs).unwrap_or_default().into_iter().flatten().collect()
        }
        _ if call.in_place => call.inputs[0].into_iter().collect(),
        _ => SmallVec::new(),
    }
}

/// Whether calls may be recorded for gradients, in programs that do not take these themselves.
fn may_record(program: &Program, inputs: &[Tensor]) -> bool {
    let given = inputs.iter().chain(program.constants.iter().map(|constant| &constant.tensor));
    modes::grad_enabled() && given.into_iter().any(Tensor::requires_grad)
}

/// Whether every call of the program can be made without recording and out of inference mode.
fn is_plain(program: &Program) -> bool {
    program.steps.iter().all(|step| match step {
        Step::Call(call) => {
            call.inference != Some(true)
                && if program.differentiates { call.grad == Some(false) } else { call.grad != Some(true) }
        }
        Step::Accumulate { create_graph, .. } => !create_graph,
        Step::SetGrad { grad, .. } => grad.is_none(),
        Step::Gradient(_) | Step::Detach { .. } | Step::ReadGrad { .. } | Step::NoGrad { .. } => true,
    })
}

/// The leaf that a step is about.
fn leaf_of(step: &Step) -> Option<ValueId> {
    match step {
        Step::Accumulate { leaf, .. }
        | Step::ReadGrad { leaf, .. }
        | Step::SetGrad { leaf, .. }
        | Step::NoGrad { leaf } => Some(*leaf),
        Step::Call(_) | Step::Gradient(_) | Step::Detach { .. } => None,
    }
}

/// Whether an input is a tensor of which nothing has to be looked up.
fn is_usual(t: &Tensor) -> bool {
    t.tangents().is_none() && !t.is_wrapped_number() && !t.is_inference()
}

/// The tensor that a value is before a replay: an input, or one of the `constants`.
fn given<'a>(
    program: &Program,
    inputs: &'a [Tensor],
    constants: &'a [Option<Tensor>],
    value: ValueId,
) -> Option<&'a Tensor> {
    let at = program.inputs.iter().position(|&input| input == value);
    at.map_or(constants[value as usize].as_ref(), |at| inputs.get(at))
}

fn address(array: &Array) -> usize {
    array.storage().as_ptr() as usize
}

impl Trace {
    /// Watches a replay on these inputs; `None` where no plan can be made of it.
    pub(super) fn begin(program: &Program, inputs: &[Tensor]) -> Option<Trace> {
        let is_quiet = keys::none_is_active() && !modes::inference();
        let records = !program.differentiates && may_record(program, inputs);
        if program.steps.len() > MOST_STEPS
            || !is_quiet
            || !inputs.iter().all(is_usual)
            || records
            || !is_plain(program)
        {
            return None;
        }
        let count = program.values.len();
        let mut tensors = vec![None; count];
        let mut metas = vec![None; count];
        let mut is_given = vec![false; count];
        for constant in &program.constants {
            metas[constant.value as usize] = Some(constant.tensor.array().meta().clone());
            if !constant.is_copied {
                is_given[constant.value as usize] = true;
                tensors[constant.value as usize] = Some(constant.tensor.clone());
            }
        }
        for (value, t) in program.inputs.iter().zip(inputs) {
            metas[*value as usize] = Some(t.array().meta().clone());
            is_given[*value as usize] = true;
        }
        let (mut seen, mut grads, mut leaves) = (HashSet::new(), Vec::new(), Vec::new());
        for step in &program.steps {
            let Some(leaf) = leaf_of(step) else { continue };
            let t = given(program, inputs, &tensors, leaf)?;
            if seen.insert(leaf) {
                leaves.push(leaf);
                if !matches!(step, Step::SetGrad { .. }) {
                    grads.push((leaf, t.grad().map(|g| g.array().meta().clone())));
                }
            }
        }
        Some(Trace {
            how: Vec::with_capacity(program.steps.len()),
            metas,
            roots: (0..count as ValueId).collect(),
            is_given,
            written: program.steps.iter().flat_map(written).collect(),
            tensors,
            holds: Holds {
                inputs: inputs.iter().map(|t| t.array().meta().clone()).collect(),
                grads,
                leaves,
                may_record: !program.differentiates,
            },
            is_refused: false,
        })
    }

    /// Runs a step by `run` and notes how it is made again.
    pub(crate) fn watch(
        &mut self,
        program: &Program,
        step: &Step,
        values: &mut [Option<Tensor>],
        run: impl FnOnce(&mut [Option<Tensor>]) -> Result<()>,
    ) -> Result<()> {
        // A call that is forbidden is refused by the call itself.
        let how = self.how_of(program, step, values).ok().flatten();
        let before: SmallVec<[(ValueId, usize); 6]> =
            step.reads().filter_map(|v| Some((v, address(values[v as usize].as_ref()?.array())))).collect();
        run(values)?;
        let is_fresh = matches!(how, Some(How::Formula(..) | How::Gradients(_) | How::Kernel(_)));
        for value in step.makes() {
            let Some(t) = &values[value as usize] else { continue };
            self.metas[value as usize] = Some(t.array().meta().clone());
            let source = before.iter().find(|(_, of)| !is_fresh && *of == address(t.array()));
            if let Some(&(source, _)) = source {
                self.roots[value as usize] = self.roots[source as usize];
            }
            if matches!(step, Step::ReadGrad { .. }) {
                self.is_given[value as usize] = true;
            }
        }
        self.is_refused |= how.is_none();
        self.how.push(how.unwrap_or(How::Dispatched));
        Ok(())
    }

    /// How a step is made again; `None` where no plan can be made.
    fn how_of(&self, program: &Program, step: &Step, values: &[Option<Tensor>]) -> Result<Option<How>> {
        match step {
            Step::Call(call) => self.how_of_call(program, call, values),
            Step::Gradient(gradient) => how_of_gradient(gradient, values).map(Some),
            _ => Ok(Some(How::Dispatched)),
        }
    }

    fn how_of_call(&self, program: &Program, call: &Call, values: &[Option<Tensor>]) -> Result<Option<How>> {
        let op = call.op.def();
        let inputs: SmallVec<[Option<&Tensor>; 4]> =
            call.inputs.iter().map(|v| v.and_then(|v| values[v as usize].as_ref())).collect();
        // A number that replays begin with, and that none writes.
        let is_fixed =
            |i: usize| call.inputs[i].is_some_and(|v| self.tensors[v as usize].is_some() && !self.written.contains(&v));
        let given = call.inputs.iter().flatten().copied();
        Ok(Some(match Prepared::of(op, &inputs, &call.attrs, call.in_place, is_fixed)? {
            Some(Prepared::Formula(formula, count)) if call.in_place => {
                How::Write(formula, given.take(count).collect())
            }
            Some(Prepared::Formula(formula, count)) => How::Formula(formula, given.take(count).collect()),
            Some(Prepared::Kernel(kernel)) => How::Kernel(kernel),
            Some(Prepared::View) => How::View,
            Some(Prepared::Update(update)) => How::Update(update),
            None => {
                let facts: SmallVec<[Option<Given>; 4]> = inputs
                    .iter()
                    .map(|t| t.map(|t| Given { meta: t.array().meta(), is_number: t.is_wrapped_number() }))
                    .collect();
                let depends = !call.in_place && matches!(infer::outputs(op, &facts, &call.attrs)?, Known::ByValues);
                let reads_shape = call.outputs.iter().any(|value| program.shapes_read.contains(value));
                return Ok((!depends && !reads_shape).then_some(How::Dispatched));
            }
        }))
    }

    /// The plan of what was seen; `None` where there cannot be one.
    pub(super) fn plan(self, program: &Program) -> Result<Option<Plan>> {
        if self.is_refused || self.how.len() != program.steps.len() {
            return Ok(None);
        }
        build::build(program, self)
    }

    pub(super) fn into_holds(self) -> Holds {
        self.holds
    }
}

fn how_of_gradient(gradient: &Gradient, values: &[Option<Tensor>]) -> Result<How> {
    let ([Some(g)], Some(dtype)) = (
        gradient.grads.as_slice(),
        gradient.grads.first().copied().flatten().and_then(|g| Some(values[g as usize].as_ref()?.dtype())),
    ) else {
        return Ok(How::Dispatched);
    };
    let Some(formulas) = gradient.derivative.formulas(dtype)? else { return Ok(How::Dispatched) };
    let mut made = Vec::new();
    for found in formulas {
        let Some(Some(out)) = gradient.outputs.get(found.input).copied() else { return Ok(How::Dispatched) };
        let operand = |source: &Source| match *source {
            Source::Gradient => *g,
            Source::Kept(place) => gradient.kept[place],
        };
        made.push((found.formula, found.operands.iter().map(operand).collect(), out));
    }
    // Of half precision, or of dtypes that differ, a derivative is more than its formulas.
    let is_plain = |v: &ValueId| values[*v as usize].as_ref().is_some_and(|t| !t.dtype().is_half());
    Ok(if made.iter().all(|(_, operands, _): &(_, Ids, _)| operands.iter().all(is_plain)) {
        How::Gradients(made)
    } else {
        How::Dispatched
    })
}

impl Plan {
    /// Whether the plan holds for a replay on these inputs as things are.
    pub(super) fn holds(&self, program: &Program, inputs: &[Tensor]) -> bool {
        let holds = &self.holds;
        let fits = |(t, meta): (&Tensor, &Meta)| is_usual(t) && t.array().meta().is_same(meta);
        let tensor_of = |value: ValueId| given(program, inputs, &self.tensors, value);
        keys::none_is_active()
            && !modes::inference()
            && inputs.iter().zip(&holds.inputs).all(fits)
            && !(holds.may_record && may_record(program, inputs))
            && holds.leaves.iter().all(|&leaf| tensor_of(leaf).is_some_and(|t| !t.has_leaf_hooks()))
            && holds.grads.iter().all(|(leaf, was)| {
                let grad = tensor_of(*leaf).and_then(Tensor::grad);
                match (grad, was) {
                    (None, None) => true,
                    (Some(g), Some(was)) => g.array().meta().is_same(was),
                    _ => false,
                }
            })
    }
}
