//! What a backward pass reads and is cheap to compute is made again for it, instead of being kept
//! since the forward pass: rematerialization, of single values.

use super::build::Draft;
use super::trace::written;
use super::{Instruction, Way};
use crate::program::{Step, ValueId};
use smallvec::SmallVec;
use std::collections::{HashMap, HashSet};

/// Instructions between the last reader of the forward pass and the first of the backward pass, at
/// least: where there are fewer, little else is there meanwhile.
const FAR: usize = 8;

/// A value that is made again, with its views.
struct Again {
    /// The first reader of the backward pass.
    before: usize,
    /// The last reader of the forward pass.
    after: usize,
    /// What makes it, and then views of it.
    makers: Vec<usize>,
    /// It and its views.
    values: Vec<ValueId>,
}

/// What instructions do, by index.
struct Reading {
    reads: Vec<Vec<ValueId>>,
    makes: Vec<Vec<ValueId>>,
    /// The instructions that read a root, or a view of it.
    readers: HashMap<ValueId, Vec<usize>>,
    /// Those that make it and its views.
    makers: HashMap<ValueId, Vec<usize>>,
    /// Those that write memory from before the replay, and those that write the gradient of a leaf.
    writes: Vec<usize>,
    accumulates: Vec<usize>,
    /// The roots of leaves that get gradients.
    leaves: HashSet<ValueId>,
}

impl Draft<'_> {
    /// Makes cheap values of more than `least` bytes again for the backward pass.
    pub(super) fn recompute(&mut self, least: usize) {
        let is_backward = |at: &Instruction| matches!(self.program.steps[at.step], Step::Gradient(_));
        let Some(backward) = self.instructions.iter().position(is_backward) else { return };
        let reading = self.reading();
        let mut chosen: Vec<Again> = Vec::new();
        let mut made_again: HashSet<ValueId> = HashSet::new();
        // What a value is made of again has to be there, so it is not made again itself.
        let mut kept: HashSet<ValueId> = HashSet::new();
        for i in (0..backward).rev() {
            let Some(root) = self.cheap(i, least) else { continue };
            let Some(again) = self.again(i, root, backward, &reading, &made_again) else { continue };
            if kept.contains(&root) {
                continue;
            }
            kept.extend(reading.reads[i].iter().map(|&v| self.roots[v as usize]));
            made_again.insert(root);
            chosen.push(again);
        }
        self.insert(chosen);
    }

    fn reading(&self) -> Reading {
        let mut found = Reading {
            reads: self.instructions.iter().map(|at| self.reads(at)).collect(),
            makes: self.instructions.iter().map(|at| self.makes(at)).collect(),
            readers: HashMap::new(),
            makers: HashMap::new(),
            writes: Vec::new(),
            accumulates: Vec::new(),
            leaves: HashSet::new(),
        };
        for (i, at) in self.instructions.iter().enumerate() {
            for (list, of) in [(&found.reads[i], &mut found.readers), (&found.makes[i], &mut found.makers)] {
                for &v in list {
                    of.entry(self.roots[v as usize]).or_default().push(i);
                }
            }
            let step = &self.program.steps[at.step];
            if written(step).iter().any(|&v| self.is_given[self.roots[v as usize] as usize]) {
                found.writes.push(i);
            }
            if let Step::Accumulate { leaf, .. } = step {
                found.accumulates.push(i);
                found.leaves.insert(self.roots[*leaf as usize]);
            }
        }
        found
    }

    /// The value that an instruction makes, where that is cheap to make again and worth it.
    fn cheap(&self, i: usize, least: usize) -> Option<ValueId> {
        let v = match &self.instructions[i].way {
            Way::Formula { out, .. } => *out,
            Way::Kernel { kernel, outs, .. } if kernel.is_pure() && kernel.is_cheap() => outs[0],
            _ => return None,
        };
        let bytes = self.metas[v as usize].as_ref()?.bytes();
        (bytes > least && self.is_inner(v)).then_some(v)
    }

    /// How a value is made again; `None` where it cannot be, or nothing is gained.
    fn again(
        &self,
        maker: usize,
        root: ValueId,
        backward: usize,
        reading: &Reading,
        made_again: &HashSet<ValueId>,
    ) -> Option<Again> {
        let readers = reading.readers.get(&root)?;
        let before = readers.iter().copied().find(|&i| i >= backward)?;
        let after = readers.iter().copied().filter(|&i| i < backward).max().unwrap_or(maker);
        if before < after + FAR {
            return None;
        }
        let makers: Vec<usize> = reading.makers.get(&root)?.iter().copied().filter(|&i| i < backward).collect();
        let is_view = |&i: &usize| i == maker || matches!(self.instructions[i].way, Way::View { .. });
        if !makers.iter().all(is_view)
            || !reading.reads[maker].iter().all(|&v| self.is_there(v, maker, before, reading, made_again))
        {
            return None;
        }
        let values = makers.iter().flat_map(|&i| &reading.makes[i]).copied();
        let values = values.filter(|&v| self.roots[v as usize] == root).collect();
        Some(Again { before, after, makers, values })
    }

    /// Whether an operand of what is made at `from` is there at `to`, has the values it had, and
    /// would be kept anyway.
    fn is_there(&self, v: ValueId, from: usize, to: usize, reading: &Reading, made_again: &HashSet<ValueId>) -> bool {
        let root = self.roots[v as usize];
        let between = |list: &[usize]| list.iter().any(|i| (from..to).contains(i));
        if self.is_given[root as usize] {
            // The gradient of a leaf is no leaf itself.
            let is_leaf = reading.leaves.contains(&root);
            return !between(&reading.writes) && (is_leaf || !between(&reading.accumulates));
        }
        let is_copied = self.program.constants.iter().any(|c| c.is_copied && c.value == root);
        let is_read_later = || reading.readers.get(&root).is_some_and(|all| all.iter().any(|&i| i >= to));
        !self.is_written(root) && !is_copied && !made_again.contains(&root) && is_read_later()
    }

    fn insert(&mut self, chosen: Vec<Again>) {
        let mut at: HashMap<usize, Vec<&Again>> = HashMap::new();
        for again in &chosen {
            at.entry(again.before).or_default().push(again);
        }
        let mut after: HashMap<usize, Vec<ValueId>> = HashMap::new();
        for again in &chosen {
            after.entry(again.after).or_default().extend(&again.values);
            self.made_again.extend(again.values.first());
        }
        let before = std::mem::take(&mut self.instructions);
        let mut copies: HashMap<usize, Vec<Instruction>> = HashMap::new();
        for (&i, list) in &at {
            let makers = list.iter().flat_map(|again| &again.makers);
            let copied = makers.map(|&maker| self.copy_of(&before[maker])).collect();
            copies.insert(i, copied);
        }
        for (i, instruction) in before.into_iter().enumerate() {
            self.instructions.extend(copies.remove(&i).into_iter().flatten());
            if let Some(values) = after.remove(&i) {
                self.dead_early.push((self.instructions.len(), values));
            }
            self.instructions.push(instruction);
        }
    }

    /// An instruction that makes the same once more. Other outputs of a kernel are there already.
    fn copy_of(&mut self, of: &Instruction) -> Instruction {
        let way = match &of.way {
            Way::Formula { formula, operands, out } => {
                Way::Formula { formula: formula.clone(), operands: operands.clone(), out: *out }
            }
            Way::Kernel { kernel, inputs, outs } => {
                let mut again = outs.clone();
                for out in again.iter_mut().skip(1) {
                    if let Some(meta) = self.metas[*out as usize].clone() {
                        *out = self.unnamed(meta);
                    }
                }
                Way::Kernel { kernel: kernel.clone(), inputs: inputs.clone(), outs: again }
            }
            Way::View { from, outs } => Way::View { from: *from, outs: outs.clone() },
            Way::Write { .. } | Way::Update { .. } | Way::Step => unreachable!("only what is cheap is copied"),
        };
        Instruction { way, step: of.step, dead: SmallVec::new() }
    }
}
