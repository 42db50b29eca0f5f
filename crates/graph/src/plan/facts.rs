//! A plan as plain data, to be shown.

use super::cache::State;
use super::lifetimes::{Lifetime, peak};
use super::{Place, Plan};
use crate::program::{Program, ValueId};

/// An instruction: a step of the program, or one of the gradients of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedStep {
    /// The step, by its index.
    pub step: usize,
    /// Whether it runs its kernel alone; others are dispatched as without a plan.
    pub is_prepared: bool,
    /// The values it reads and makes.
    pub reads: Vec<ValueId>,
    /// The values it makes.
    pub makes: Vec<ValueId>,
    /// The values that nothing reads afterwards.
    pub dead: Vec<ValueId>,
}

/// Where a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedValue {
    /// The value.
    pub value: ValueId,
    /// Bytes of its elements.
    pub bytes: usize,
    /// The buffer it is in; `None` where it has a storage of its own, or is elsewhere.
    pub buffer: Option<usize>,
    /// The value it overwrites.
    pub over: Option<ValueId>,
    /// The value whose storage it looks at; `None` for what is no view.
    pub of: Option<ValueId>,
}

/// A plan as plain data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanFacts {
    /// The instructions in order.
    pub steps: Vec<PlannedStep>,
    /// The values that they make.
    pub values: Vec<PlannedValue>,
    /// The bytes of each buffer.
    pub buffers: Vec<usize>,
    /// The storages that a replay makes besides the buffers, by instruction.
    pub own: Vec<Lifetime>,
    /// The storages of a replay call by call, by step.
    pub eager: Vec<Lifetime>,
}

impl PlanFacts {
    /// The most bytes that a replay has at once, buffers included.
    pub fn peak_bytes(&self) -> usize {
        self.buffers.iter().sum::<usize>() + peak(&self.own, self.steps.len())
    }

    /// The same of a replay call by call, which has `count` steps.
    pub fn eager_bytes(&self, count: usize) -> usize {
        peak(&self.eager, count)
    }
}

impl Program {
    /// The plan by which replays run at present; `None` where there is none.
    pub fn planned(&self) -> Option<PlanFacts> {
        self.plan.with(|state| match state {
            State::Made(plan) => Some(plan.facts(self)),
            State::Wanted | State::Without => None,
        })
    }
}

impl Plan {
    fn facts(&self, program: &Program) -> PlanFacts {
        let steps: Vec<PlannedStep> = self
            .instructions
            .iter()
            .map(|at| PlannedStep {
                step: at.step,
                is_prepared: !matches!(at.way, super::Way::Step),
                reads: at.reads(program).into_iter().map(|v| self.same[v as usize]).collect(),
                makes: at.makes(program),
                dead: at.dead.to_vec(),
            })
            .collect();
        let known = |&v: &ValueId| {
            let value = &self.values[v as usize];
            let buffer = if let Place::Buffer(buffer) = value.place { Some(buffer) } else { None };
            let root = self.same[value.root as usize];
            let of = (root != v).then_some(root);
            Some(PlannedValue { value: v, bytes: value.meta.as_ref()?.bytes(), buffer, over: value.over, of })
        };
        let values = steps.iter().flat_map(|step| &step.makes).filter_map(known).collect();
        PlanFacts {
            steps,
            values,
            buffers: self.bytes.clone(),
            own: self.own_lifetimes(program),
            eager: self.eager_lifetimes(program),
        }
    }
}
