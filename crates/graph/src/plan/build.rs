//! Instructions from what a replay was seen to do: what is computed once, what nothing reads, and
//! when values are dead.

use super::memory;
use super::trace::{How, Trace, written};
use super::{Ids, Instruction, Place, Plan, Value, Way};
use crate::program::{Program, Step, ValueId};
use adjoint_autograd::Attrs;
use adjoint_tensor::{Meta, Result};
use smallvec::SmallVec;
use std::collections::{HashMap, HashSet};

/// A plan in the making.
pub(super) struct Draft<'a> {
    pub program: &'a Program,
    pub instructions: Vec<Instruction>,
    pub metas: Vec<Option<Meta>>,
    pub roots: Vec<ValueId>,
    pub is_given: Vec<bool>,
    /// The roots of what is written in place.
    written: HashSet<ValueId>,
    pub same: Vec<ValueId>,
    /// What is handed out, or becomes the gradient of a leaf.
    leaving: HashSet<ValueId>,
    /// Values that are made twice, and those that are dead, so far, after an instruction.
    pub made_again: HashSet<ValueId>,
    pub dead_early: Vec<(usize, Vec<ValueId>)>,
    /// The roots as the first replay saw them, before equal calls became one.
    pub seen_roots: Vec<ValueId>,
}

/// The plan of a replay that was seen; `None` where what it returns needs tensors with a past.
pub(super) fn build(program: &Program, mut trace: Trace) -> Result<Option<Plan>> {
    let how = std::mem::take(&mut trace.how);
    let mut draft = Draft {
        program,
        instructions: Vec::with_capacity(how.len()),
        metas: std::mem::take(&mut trace.metas),
        roots: std::mem::take(&mut trace.roots),
        is_given: std::mem::take(&mut trace.is_given),
        written: HashSet::new(),
        same: Vec::new(),
        made_again: HashSet::new(),
        dead_early: Vec::new(),
        seen_roots: Vec::new(),
        leaving: program.outputs.iter().copied().collect(),
    };
    draft.leaving.extend(program.steps.iter().filter_map(|step| match step {
        Step::Accumulate { grad, .. } => Some(*grad),
        _ => None,
    }));
    draft.written = trace.written.iter().map(|&value| draft.roots[value as usize]).collect();
    for (step, how) in how.into_iter().enumerate() {
        draft.add(step, how);
    }
    draft.same = (0..draft.metas.len() as ValueId).collect();
    let tensors = std::mem::take(&mut trace.tensors);
    let is_tensor = |v: ValueId| tensors.get(v as usize).is_some_and(Option::is_some) || program.inputs.contains(&v);
    if !program.outputs.iter().all(|&v| is_tensor(v) || draft.can_leave(v)) {
        return Ok(None);
    }
    draft.seen_roots = draft.roots.clone();
    draft.compute_once();
    draft.leave_out();
    if program.recomputes {
        draft.recompute(memory::SMALL);
    }
    let (values, bytes) = memory::assign(&mut draft);
    let Ok(buffers) = memory::allocate(&bytes) else { return Ok(None) };
    let Draft { instructions, same, .. } = draft;
    let arrays = (0..values.len()).map(|i| Some(tensors.get(i)?.as_ref()?.array().clone())).collect();
    let mut all = tensors;
    all.resize(values.len(), None);
    Ok(Some(Plan { instructions, values, arrays, tensors: all, buffers, bytes, same, holds: trace.into_holds() }))
}

impl Draft<'_> {
    /// Adds what makes a step again.
    fn add(&mut self, step: usize, how: How) {
        let (call, detach) = match &self.program.steps[step] {
            Step::Call(call) => (Some(call), None),
            Step::Detach { from, to } => (None, Some((*from, *to))),
            _ => (None, None),
        };
        let way = match (how, call) {
            (How::Formula(formula, operands), Some(call)) => Way::Formula { formula, operands, out: call.outputs[0] },
            (How::Write(formula, operands), _) => Way::Write { formula, operands },
            (How::Gradients(list), _) => {
                for (formula, operands, out) in list {
                    self.push(Way::Formula { formula, operands, out }, step);
                }
                return;
            }
            (How::Kernel(kernel), Some(call)) => {
                let public = call.outputs.iter().copied().map(Some);
                let hidden = (0..call.op.def().hidden_outputs).map(|i| call.hidden.get(i).copied().flatten());
                let mut outs = Ids::new();
                for (value, meta) in public.chain(hidden).zip(kernel.outputs()) {
                    // What nothing reads has a place all the same.
                    outs.push(value.unwrap_or_else(|| self.unnamed(meta.clone())));
                }
                Way::Kernel { kernel: Box::new(kernel), inputs: call.inputs.iter().copied().collect(), outs }
            }
            (How::View, Some(call)) => match call.inputs.first().copied().flatten() {
                Some(from) => Way::View { from, outs: call.outputs.iter().copied().collect() },
                None => Way::Step,
            },
            (How::Update(update), Some(call)) => Way::Update {
                update: Box::new(update),
                inputs: call.inputs.iter().flatten().copied().collect(),
                attrs: Attrs::new(),
                last: Vec::new(),
            },
            _ => match detach {
                Some((from, to)) => Way::View { from, outs: std::iter::once(to).collect() },
                None => Way::Step,
            },
        };
        self.push(way, step);
    }

    fn push(&mut self, way: Way, step: usize) {
        self.instructions.push(Instruction { way, step, dead: SmallVec::new() });
    }

    /// A value that the program has no name for.
    pub(super) fn unnamed(&mut self, meta: Meta) -> ValueId {
        let value = self.metas.len() as ValueId;
        self.metas.push(Some(meta));
        self.roots.push(value);
        self.is_given.push(false);
        if !self.same.is_empty() {
            self.same.push(value);
            self.seen_roots.push(value);
        }
        value
    }

    /// Whether something writes the storage that a value made.
    pub(super) fn is_written(&self, root: ValueId) -> bool {
        self.written.contains(&root)
    }

    /// Whether a value can be handed out as a tensor of its own: it is no view, and was not written.
    fn can_leave(&self, v: ValueId) -> bool {
        let root = self.roots[v as usize];
        root == v && !self.is_given[v as usize] && !self.written.contains(&v)
    }

    /// The values that an instruction reads.
    pub fn reads(&self, at: &Instruction) -> Vec<ValueId> {
        at.reads(self.program).into_iter().map(|v| self.same[v as usize]).collect()
    }

    /// The values that an instruction makes.
    pub fn makes(&self, at: &Instruction) -> Vec<ValueId> {
        at.makes(self.program)
    }

    /// Whether nothing but instructions of the plan sees a value, and none writes it.
    pub(super) fn is_inner(&self, v: ValueId) -> bool {
        self.can_leave(v) && !self.leaving.contains(&v)
    }

    /// Makes values that are the same one: calls of one formula or kernel, which draws no numbers,
    /// on the same values with nothing written in between.
    fn compute_once(&mut self) {
        type Known = HashMap<(Vec<Option<ValueId>>, Vec<u32>), Vec<usize>>;
        let mut known = Known::new();
        let mut writes: HashMap<ValueId, u32> = HashMap::new();
        // Given values may share memory.
        let mut writes_to_given = 0;
        for i in 0..self.instructions.len() {
            let instruction = &self.instructions[i];
            let same = |v: ValueId| self.same[v as usize];
            let inputs: Vec<Option<ValueId>> = match &instruction.way {
                Way::Formula { operands, .. } => operands.iter().map(|&v| Some(same(v))).collect(),
                Way::Kernel { kernel, inputs, .. } if kernel.is_pure() => inputs.iter().map(|v| v.map(same)).collect(),
                _ => {
                    let leaves = matches!(self.program.steps[instruction.step], Step::Accumulate { .. });
                    let all = written(&self.program.steps[instruction.step]);
                    if leaves || all.iter().any(|&v| self.is_given[self.roots[v as usize] as usize]) {
                        writes_to_given += 1;
                    }
                    for v in all {
                        *writes.entry(self.roots[v as usize]).or_default() += 1;
                    }
                    continue;
                }
            };
            let outs = self.makes(instruction);
            if inputs.is_empty() || !outs.iter().all(|&v| self.is_inner(v)) {
                continue;
            }
            let written_before = |v: &ValueId| {
                let root = self.roots[*v as usize];
                if self.is_given[root as usize] { writes_to_given } else { writes.get(&root).copied().unwrap_or(0) }
            };
            let versions = inputs.iter().flatten().map(written_before).collect();
            let alike = known.entry((inputs, versions)).or_default();
            let found = alike.iter().copied().find(|&j| is_same_call(&self.instructions[j].way, &instruction.way));
            let Some(j) = found else {
                alike.push(i);
                continue;
            };
            for (v, first) in outs.into_iter().zip(self.makes(&self.instructions[j])) {
                self.same[v as usize] = first;
            }
        }
        let same = &self.same;
        let resolve = |v: &mut ValueId| *v = same[*v as usize];
        for Instruction { way, .. } in &mut self.instructions {
            match way {
                Way::Formula { operands, .. } | Way::Write { operands, .. } => operands.iter_mut().for_each(resolve),
                Way::Kernel { inputs, .. } => inputs.iter_mut().flatten().for_each(resolve),
                Way::View { from, .. } => resolve(from),
                Way::Update { inputs, .. } => inputs.iter_mut().for_each(resolve),
                Way::Step => {}
            }
        }
        self.roots = self.roots.iter().map(|&root| self.same[root as usize]).collect();
    }

    /// Leaves out what is computed and not read.
    fn leave_out(&mut self) {
        let mut needed: HashSet<ValueId> = self.program.outputs.iter().copied().collect();
        let instructions = std::mem::take(&mut self.instructions);
        let mut kept = Vec::with_capacity(instructions.len());
        for instruction in instructions.into_iter().rev() {
            let is_pure = match &instruction.way {
                Way::Formula { .. } | Way::View { .. } => true,
                Way::Kernel { kernel, .. } => kernel.is_pure(),
                Way::Write { .. } | Way::Update { .. } | Way::Step => false,
            };
            let is_first = |v: &ValueId| self.same[*v as usize] == *v;
            if is_pure && !self.makes(&instruction).iter().any(|v| is_first(v) && needed.contains(v)) {
                continue;
            }
            needed.extend(self.reads(&instruction));
            kept.push(instruction);
        }
        kept.reverse();
        self.instructions = kept;
    }
}

/// Whether two instructions compute the same of the same values.
fn is_same_call(a: &Way, b: &Way) -> bool {
    match (a, b) {
        (Way::Formula { formula: a, .. }, Way::Formula { formula: b, .. }) => a.is_same(b),
        (Way::Kernel { kernel: a, .. }, Way::Kernel { kernel: b, .. }) => a.is_same(b),
        _ => false,
    }
}

/// A value that has no place yet.
pub(super) fn unplaced(meta: Option<Meta>, root: ValueId, is_given: bool) -> Value {
    Value { meta, place: Place::Elsewhere, over: None, root, is_given }
}
