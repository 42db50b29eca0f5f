//! When a value of a program is read last, so that a replay drops it as early as the function
//! itself does.

use crate::program::{Program, ValueId};

/// The values that can be dropped after each step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Liveness {
    dead_after: Vec<Vec<ValueId>>,
}

impl Liveness {
    /// That of a program.
    pub fn of(program: &Program) -> Self {
        let mut last: Vec<Option<usize>> = vec![None; program.values.len()];
        for (i, step) in program.steps.iter().enumerate() {
            for value in step.reads().chain(step.makes()) {
                last[value as usize] = Some(i);
            }
        }
        for &value in &program.outputs {
            last[value as usize] = None;
        }
        let mut dead_after = vec![Vec::new(); program.steps.len()];
        for (value, step) in last.into_iter().enumerate() {
            if let Some(step) = step {
                dead_after[step].push(value as ValueId);
            }
        }
        Liveness { dead_after }
    }

    /// The values that nothing reads after this step, outputs of the program excepted.
    pub fn dead_after(&self, step: usize) -> &[ValueId] {
        &self.dead_after[step]
    }
}
