//! The plan of a program, made when a replay wants it.

use super::{Plan, Trace};
use crate::program::Program;
use adjoint_autograd::Tensor;
use adjoint_tensor::Result;
use std::cell::Cell;
use std::fmt;

/// How often a plan is made for facts that change before replays go without.
const MOST_PLANS: u32 = 4;

#[derive(Default)]
pub(super) enum State {
    /// None was made so far.
    #[default]
    Wanted,
    /// There is one, which is not in use.
    Made(Box<Plan>),
    /// A replay is running by it, or there cannot be one.
    Without,
}

/// The plan of a program. A copy of the program makes its own.
#[derive(Default)]
pub struct PlanCache {
    state: Cell<State>,
    made: Cell<u32>,
}

impl fmt::Debug for PlanCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PlanCache({} made)", self.made.get())
    }
}

impl Clone for PlanCache {
    fn clone(&self) -> Self {
        PlanCache::default()
    }
}

impl PlanCache {
    /// What `read` makes of the state.
    pub(super) fn with<R>(&self, read: impl FnOnce(&State) -> R) -> R {
        let state = self.state.take();
        let result = read(&state);
        self.state.set(state);
        result
    }

    /// Runs `program` by its plan where that holds, and makes one otherwise.
    pub(crate) fn run(&self, program: &Program, inputs: Vec<Tensor>, numbers: &[f64]) -> Result<Vec<Tensor>> {
        // While a replay runs, one inside of it goes without.
        match self.state.replace(State::Without) {
            State::Made(mut plan) if plan.holds(program, &inputs) => {
                let outputs = plan.run(program, inputs, numbers);
                // What a replay that failed has left is not as the next one expects it.
                self.state.set(if outputs.is_ok() { State::Made(plan) } else { State::Wanted });
                outputs
            }
            State::Without => program.interpret(inputs, numbers, None),
            _ => self.trace(program, inputs, numbers),
        }
    }

    /// Runs `program` step by step and makes a plan of what is seen.
    #[cold]
    fn trace(&self, program: &Program, inputs: Vec<Tensor>, numbers: &[f64]) -> Result<Vec<Tensor>> {
        let trace = if self.made.get() < MOST_PLANS { Trace::begin(program, &inputs) } else { None };
        let Some(mut trace) = trace else {
            let outputs = program.interpret(inputs, numbers, None);
            // Another call may be one of which a plan can be made.
            self.state.set(if self.made.get() < MOST_PLANS { State::Wanted } else { State::Without });
            return outputs;
        };
        let outputs = program.interpret(inputs, numbers, Some(&mut trace));
        self.state.set(State::Wanted);
        if outputs.is_ok() {
            self.made.set(self.made.get() + 1);
            self.state.set(trace.plan(program)?.map_or(State::Without, |plan| State::Made(Box::new(plan))));
        }
        outputs
    }
}
