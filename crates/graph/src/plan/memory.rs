//! Which values share memory.
//!
//! A value takes over the memory of an operand that nothing reads afterwards, where the formula may
//! overwrite it. Otherwise small ones are in buffers, which the plan keeps: the smallest free one
//! that is large enough, or the largest, which grows. A value that leaves the program has a storage
//! of its own, and so have large ones: they come and go as in eager mode, so that what derivatives
//! allocate in between finds the memory that they had.

use super::build::{Draft, unplaced};
use super::{Instruction, Place, Value, Way};
use crate::program::{Step, ValueId};
use adjoint_tensor::{Result, Storage};

/// Bytes up to which a value is in a buffer: to compute a larger one takes far longer than to
/// allocate it.
pub(super) const SMALL: usize = 4096;

/// The instruction after which nothing reads a value or, of what is no view, its views; `None` for
/// what is handed out.
fn ends(draft: &Draft) -> Vec<Option<usize>> {
    let mut last = vec![Some(0); draft.metas.len()];
    for (i, instruction) in draft.instructions.iter().enumerate() {
        for v in draft.reads(instruction).into_iter().chain(draft.makes(instruction)) {
            last[v as usize] = Some(i);
            last[draft.roots[v as usize] as usize] = Some(i);
        }
    }
    for &v in &draft.program.outputs {
        last[v as usize] = None;
    }
    last
}

/// Gives each value a place; the bytes of the buffers are returned too.
pub(super) fn assign(draft: &mut Draft) -> (Vec<Value>, Vec<usize>) {
    let ends = ends(draft);
    let seen = draft.metas.iter().zip(&draft.seen_roots).zip(&draft.is_given);
    let mut values: Vec<Value> =
        seen.map(|((meta, &root), &is_given)| unplaced(meta.clone(), root, is_given)).collect();
    let mut dead: Vec<Vec<ValueId>> = vec![Vec::new(); draft.instructions.len()];
    let mut is_made = vec![false; values.len()];
    for &v in &draft.program.inputs {
        is_made[v as usize] = true;
    }
    for constant in draft.program.constants.iter().filter(|constant| constant.is_copied) {
        is_made[constant.value as usize] = true;
    }
    for instruction in &draft.instructions {
        for v in draft.makes(instruction) {
            is_made[v as usize] = true;
        }
    }
    for (v, end) in ends.iter().enumerate().filter(|(v, _)| is_made[*v]) {
        if let Some(list) = end.and_then(|end| dead.get_mut(end)) {
            list.push(v as ValueId);
        }
    }
    for (i, values) in &draft.dead_early {
        dead[*i].extend(values);
    }
    let mut pool = Pool::default();
    for (i, (instruction, dead)) in draft.instructions.iter().zip(&dead).enumerate() {
        if matches!(instruction.way, Way::Formula { .. } | Way::Kernel { .. }) {
            for out in draft.makes(instruction) {
                let over = overwritten(draft, instruction, i, out, &ends, &values);
                let value = place(draft, out, over, &ends, &values, &mut pool);
                values[out as usize] = value;
            }
        }
        for &v in dead {
            // What was overwritten is in use.
            let is_over = draft.makes(instruction).iter().any(|&out| values[out as usize].over == Some(v));
            if let (Place::Buffer(buffer), false) = (values[v as usize].place, is_over) {
                pool.free.push(buffer);
            }
        }
    }
    for (instruction, dead) in draft.instructions.iter_mut().zip(dead) {
        instruction.dead = dead.into();
    }
    (values, pool.bytes)
}

/// Whether a gradient becomes that of a leaf at its last use.
fn leaves(draft: &Draft, v: ValueId, ends: &[Option<usize>]) -> bool {
    let Some(end) = ends[v as usize] else { return true };
    let step = draft.instructions.get(end).map(|instruction| &draft.program.steps[instruction.step]);
    matches!(step, Some(Step::Accumulate { grad, .. }) if draft.same[*grad as usize] == v)
}

/// The operand that a formula may overwrite: one that is dead after it, with the facts of the
/// result, and of which it reads no views.
fn overwritten(
    draft: &Draft,
    instruction: &Instruction,
    at: usize,
    out: ValueId,
    ends: &[Option<usize>],
    values: &[Value],
) -> Option<ValueId> {
    let Way::Formula { operands, .. } = &instruction.way else { return None };
    let meta = draft.metas[out as usize].as_ref()?;
    let leaves = leaves(draft, out, ends);
    operands.iter().copied().find(|&v| {
        let is_alone = operands.iter().all(|&other| other == v || draft.roots[other as usize] != v);
        let is_alike = draft.metas[v as usize].as_ref().is_some_and(|of| of.is_same(meta) && of.is_dense());
        let in_buffer = matches!(values[v as usize].place, Place::Buffer(_));
        draft.roots[v as usize] == v
            && !draft.is_given[v as usize]
            && ends[v as usize] == Some(at)
            && is_alone
            && is_alike
            && !(in_buffer && leaves)
    })
}

fn place(
    draft: &Draft,
    out: ValueId,
    over: Option<ValueId>,
    ends: &[Option<usize>],
    values: &[Value],
    pool: &mut Pool,
) -> Value {
    let before = values[out as usize].clone();
    if draft.made_again.contains(&out) {
        return Value { place: Place::Own, over: None, ..before };
    }
    let meta = &before.meta;
    let place = match over.map(|v| values[v as usize].place) {
        Some(place @ Place::Buffer(_)) => place,
        // In the storage of what another made, which goes with the value.
        Some(_) => Place::Own,
        None => match meta.as_ref().map_or(0, adjoint_tensor::Meta::bytes) {
            bytes if bytes > SMALL || leaves(draft, out, ends) => Place::Own,
            bytes => Place::Buffer(pool.take(bytes)),
        },
    };
    Value { place, over, ..before }
}

/// Buffers, and which of them are free.
#[derive(Default)]
struct Pool {
    bytes: Vec<usize>,
    free: Vec<usize>,
}

impl Pool {
    /// A buffer of at least so many bytes.
    fn take(&mut self, bytes: usize) -> usize {
        let of = |at: &usize| self.bytes[self.free[*at]];
        let fits = (0..self.free.len()).filter(|at| of(at) >= bytes).min_by_key(of);
        let found = fits.or_else(|| (0..self.free.len()).max_by_key(of));
        let Some(at) = found else {
            self.bytes.push(bytes);
            return self.bytes.len() - 1;
        };
        let buffer = self.free.swap_remove(at);
        self.bytes[buffer] = self.bytes[buffer].max(bytes);
        buffer
    }
}

/// Storages of these bytes.
pub(super) fn allocate(bytes: &[usize]) -> Result<Vec<Option<Storage>>> {
    bytes.iter().map(|&bytes| Storage::uninit(bytes).map(Some)).collect()
}
