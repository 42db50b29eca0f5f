//! When the storages that a replay makes are there, call by call and by a plan.
//!
//! What is counted are bytes of elements: not what was there before, and not the scratch of kernels.

use super::{Place, Plan, Value};
use crate::program::{Program, Step, ValueId};
use std::collections::{HashMap, HashSet};

/// A storage that a replay makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// The value it is made for; views, and what is computed over it later, are in it too.
    pub value: ValueId,
    /// Bytes of its elements.
    pub bytes: usize,
    /// The step, or instruction, that makes it.
    pub from: usize,
    /// That after which it is free; `None` where it outlives the replay: it is handed out, or is
    /// the gradient of a leaf.
    pub until: Option<usize>,
}

/// The most bytes that are there at once, of `count` steps or instructions.
pub fn peak(lifetimes: &[Lifetime], count: usize) -> usize {
    let mut begin = vec![0; count];
    let mut end = vec![0; count];
    for at in lifetimes {
        begin[at.from] += at.bytes;
        if let Some(until) = at.until {
            end[until] += at.bytes;
        }
    }
    let (mut now, mut most) = (0, 0);
    for (begin, end) in begin.into_iter().zip(end) {
        now += begin;
        most = most.max(now);
        now -= end;
    }
    most
}

/// One step or instruction, as far as storages go by it.
struct At<'a> {
    step: &'a Step,
    makes: Vec<ValueId>,
    dead: &'a [ValueId],
}

impl Plan {
    /// The storages of a replay that runs the program call by call: each value has its own, unless it
    /// is a view, and is let go when nothing reads it any more.
    pub(super) fn eager_lifetimes(&self, program: &Program) -> Vec<Lifetime> {
        let root = |v: ValueId| self.values[v as usize].root;
        let steps = program.steps.iter().enumerate();
        let all =
            steps.map(|(i, step)| At { step, makes: step.makes().collect(), dead: program.liveness.dead_after(i) });
        self.lifetimes(program, all, root, |_| true)
    }

    /// The storages of a replay by instructions that are not buffers of the plan.
    pub(super) fn own_lifetimes(&self, program: &Program) -> Vec<Lifetime> {
        let root = |v: ValueId| {
            let mut v = self.same[self.values[v as usize].root as usize];
            // What is computed over another value is in the storage of that.
            while let Some(over) = self.values[v as usize].over {
                v = self.same[self.values[over as usize].root as usize];
            }
            v
        };
        let instructions = self.instructions.iter();
        let all = instructions.map(|at| At { step: &program.steps[at.step], makes: at.makes(program), dead: &at.dead });
        self.lifetimes(program, all, root, |value| !matches!(value.place, Place::Buffer(_)))
    }

    fn lifetimes<'a>(
        &self,
        program: &Program,
        all: impl Iterator<Item = At<'a>>,
        root: impl Fn(ValueId) -> ValueId,
        is_own: impl Fn(&Value) -> bool,
    ) -> Vec<Lifetime> {
        let mut found: Vec<Lifetime> = Vec::new();
        let mut of: HashMap<ValueId, usize> = HashMap::new();
        let mut grads: HashMap<ValueId, Option<ValueId>> = HashMap::new();
        for (leaf, was) in self.holds.grads() {
            // One that was there before stays where it is.
            grads.insert(*leaf, was.as_ref().map(|_| *leaf));
        }
        let mut staying: HashSet<ValueId> = program.outputs.iter().map(|&v| root(v)).collect();
        for (i, At { step, makes, dead }) in all.enumerate() {
            for v in makes {
                let root = root(v);
                let value = &self.values[root as usize];
                let (Some(meta), true) = (&value.meta, !value.is_given && is_own(value)) else { continue };
                // One that is made again is another one.
                if v == root || !of.contains_key(&root) {
                    of.insert(root, found.len());
                    found.push(Lifetime { value: root, bytes: meta.bytes(), from: i, until: None });
                }
            }
            match step {
                Step::Accumulate { leaf, grad, .. } => {
                    let held = grads.entry(*leaf).or_default();
                    if held.is_none() {
                        let root = root(*grad);
                        *held = Some(root);
                        staying.insert(root);
                    }
                }
                Step::SetGrad { leaf, .. } => {
                    if let Some(Some(root)) = grads.insert(*leaf, None)
                        && staying.remove(&root)
                        && let Some(&at) = of.get(&root)
                    {
                        found[at].until = Some(i);
                    }
                }
                _ => {}
            }
            for &v in dead {
                let root = root(v);
                if let (Some(&at), false) = (of.get(&root), staying.contains(&root)) {
                    found[at].until = Some(i);
                }
            }
        }
        for at in &mut found {
            if staying.contains(&at.value) {
                at.until = None;
            }
        }
        found
    }
}
