//! Steps of optimizers: ops that write lists of tensors.
//!
//! Everything is checked before anything is written, so that a step that fails has changed nothing.

use crate::dispatch::in_place::check_history;
use crate::dispatch::infer::Metas;
use crate::graph::tensor::Tensor;
use crate::op::OpDef;
use crate::op::attrs::Attrs;
use crate::op::call::Facts;
use crate::op::interpreter;
use adjoint_cpu::optimizer::{self, Step};
use adjoint_tensor::{Array, Error, Meta, Result};
use smallvec::SmallVec;

/// The index of the gradients among the lists.
const GRADIENTS: usize = 1;

/// Where the lists of a call start, the parameters first. Those of what a step does without are
/// left out.
#[derive(Clone, Debug)]
pub(super) struct Lists {
    /// How many parameters there are.
    pub len: usize,
    pub gradients: usize,
    pub states: SmallVec<[usize; 4]>,
}

impl Lists {
    pub fn of(op: &OpDef, n_inputs: usize, attrs: &Attrs) -> Result<Lists> {
        let lengths = attrs.get_ints(attrs.0.len().saturating_sub(1))?;
        let len = lengths.first().copied().unwrap_or(0);
        let mut out = Lists { len: len as usize, gradients: 0, states: SmallVec::new() };
        let mut start = 0;
        for (i, (&n, arg)) in lengths.iter().zip(op.args).enumerate() {
            if n != len && (n != 0 || i <= GRADIENTS) {
                return Err(Error::usage(format!(
                    "{} must be a list of {len} tensors, one a parameter, got {n}",
                    arg.name
                )));
            }
            match i {
                0 => {}
                GRADIENTS => out.gradients = start,
                _ if n > 0 => out.states.push(start),
                _ => {}
            }
            start += n as usize;
        }
        if start == n_inputs {
            Ok(out)
        } else {
            Err(Error::usage(format!("{start} tensors in its lists, got {n_inputs}")))
        }
    }

    /// All but the gradients.
    fn written<'a, T: Copy>(&self, inputs: &'a [T]) -> impl Iterator<Item = T> + use<'a, T> {
        let gradients = self.gradients..self.gradients + self.len;
        inputs.iter().enumerate().filter(move |(i, _)| !gradients.contains(i)).map(|(_, x)| *x)
    }
}

/// What a call of a small network's optimizer has, without an allocation.
type Few<T> = SmallVec<[T; 32]>;

fn all<'a, T>(inputs: &[Option<&'a T>]) -> Result<Few<&'a T>> {
    inputs.iter().map(|x| x.ok_or_else(|| Error::usage("expected a tensor in each place of the lists"))).collect()
}

/// The facts of what is written, in order; fails where facts forbid the call.
pub(crate) fn outputs(facts: &Facts, rule: fn(&Facts) -> Result<()>) -> Result<Metas> {
    let lists = Lists::of(facts.op, facts.inputs.len(), facts.attrs)?;
    rule(facts)?;
    let metas = all(facts.inputs)?;
    for i in 0..lists.len {
        let state: SmallVec<[&Meta; 4]> = lists.states.iter().map(|start| metas[start + i]).collect();
        optimizer::check(metas[i], metas[lists.gradients + i], &state)?;
    }
    Ok(lists.written(&metas).cloned().collect())
}

/// Those of the inputs of a call that it writes: all but the gradients.
///
/// # Errors
/// The lists do not fit each other.
pub fn written<T: Copy>(op: &OpDef, inputs: &[T], attrs: &Attrs) -> Result<Vec<T>> {
    let lists = Lists::of(op, inputs.len(), attrs)?;
    Ok(lists.written(inputs).collect())
}

/// Takes the step.
pub(crate) fn run(
    op: &'static OpDef,
    rule: fn(&Facts) -> Result<()>,
    step: fn(&Attrs, usize, &Step) -> Result<()>,
    inputs: &[Option<&Tensor>],
    attrs: &Attrs,
) -> Result<()> {
    let lists = Lists::of(op, inputs.len(), attrs)?;
    let tensors = all(inputs)?;
    if tensors.iter().any(|t| t.tangents().is_some()) {
        return Err(Error::usage("a step cannot be taken inside a function transform"));
    }
    for t in lists.written(&tensors) {
        interpreter::check_written(t)?;
        check_history(t, &[Some(t)])?;
    }
    let metas: Few<Option<&Meta>> = tensors.iter().map(|t| Some(t.array().meta())).collect();
    rule(&Facts { op, inputs: &metas, attrs })?;
    let each = |f: &dyn Fn(usize, &Step) -> Result<()>| {
        (0..lists.len).try_for_each(|i| {
            let state: SmallVec<[&Array; 4]> = lists.states.iter().map(|start| tensors[start + i].array()).collect();
            f(i, &Step { param: tensors[i].array(), grad: tensors[lists.gradients + i].array(), state: &state })
        })
    };
    each(&|_, part| part.check())?;
    each(&|i, part| step(attrs, i, part))
}
