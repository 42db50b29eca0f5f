//! The steps of sequences that are stored one after the other, and what layers share of their
//! derivatives.

use crate::view::view::view;
use adjoint_autograd::modes::{self, GradMode};
use adjoint_autograd::op::Outputs;
use adjoint_autograd::{Attrs, Backward, Grads, Tensor, engine};
use adjoint_cpu::matmul::{self, Factor};
use adjoint_kernels::dtype::Element;
use adjoint_kernels::recurrent::{self, Step};
use adjoint_tensor::{Array, Result, scratch};
use smallvec::SmallVec;

/// The attributes every layer begins with: how many sequences have as many steps, and whether the
/// last step is done first.
pub fn attrs(sizes: &[i64], reverse: bool) -> Attrs {
    Attrs::new().ints(sizes).bool(reverse)
}

/// The steps in the order they are done.
pub fn of(attrs: &Attrs) -> Result<Vec<Step>> {
    let sizes = attrs.get_ints(0)?;
    let mut steps = scratch::with_room(sizes.len())?;
    let mut first = 0;
    for &size in sizes {
        let rows = size as usize;
        steps.push(Step { first, rows, before: 0, carried: 0 });
        first += rows;
    }
    if attrs.get_bool(1) {
        steps.reverse();
    }
    for i in 1..steps.len() {
        let last: Step = steps[i - 1];
        steps[i].before = last.first;
        steps[i].carried = last.rows.min(steps[i].rows);
    }
    Ok(steps)
}

/// The row before each row of `x`, the initial state before the first.
pub fn before<T: Element>(steps: &[Step], x: &Array, initial: &Array) -> Result<Array> {
    let mut out = x.empty_like(x.dtype())?;
    let n = x.shape()[1];
    recurrent::before::<T>(steps, x.as_slice(), initial.as_slice(), n, out.as_mut_slice());
    Ok(out)
}

/// Writes the gradient of a weight that `x` was multiplied with: `gᵀ · x`, one product over all
/// steps.
pub fn weight_gradient(g: &Array, x: &Array, out: &mut Array) -> Result<()> {
    matmul::multiply(1.0, Factor::of(g).transposed(), Factor::of(x), 0.0, out)
}

/// What a state's gradient starts from.
pub fn start(g: Option<&Array>, state: &mut Array) -> Result<()> {
    match g {
        Some(g) => state.assign(g),
        None => {
            state.fill(0.0.into());
            Ok(())
        }
    }
}

/// An optional input as contiguous values.
pub fn contiguous(x: Option<&Array>) -> Result<Option<Array>> {
    x.map(Array::contiguous).transpose()
}

/// The gradients by a layer made of differentiable ops, step by step: for derivatives of
/// derivatives and for transforms.
///
/// Each input that a gradient is wanted of is an alias, so that one tensor in two places is told
/// apart.
pub fn differentiate(b: &Backward, layer: &dyn Fn(&[Option<Tensor>]) -> Result<Outputs>) -> Result<Grads> {
    let create = modes::grad_enabled();
    let _on = GradMode::set(true);
    let mut inputs: SmallVec<[Option<Tensor>; 6]> = SmallVec::new();
    let mut wanted = Vec::new();
    for i in 0..b.inputs() {
        let mut input = b.opt_input(i)?;
        if b.wants(i)
            && let Some(x) = &input
        {
            let alias = view(x, x.shape())?;
            wanted.push(alias.clone());
            input = Some(alias);
        }
        inputs.push(input);
    }
    let (mut roots, mut seeds) = (Vec::new(), Vec::new());
    for (i, out) in layer(&inputs)?.into_iter().enumerate() {
        if let Some(g) = b.grad(i).filter(|_| out.requires_grad()) {
            roots.push(out);
            seeds.push(Some(g.clone()));
        }
    }
    if roots.is_empty() || wanted.is_empty() {
        return Ok((0..b.inputs()).map(|_| None).collect());
    }
    let mut found = engine::grad(&roots, &seeds, &wanted, create, create, true)?.into_iter();
    Ok((0..b.inputs()).map(|i| if b.wants(i) { found.next().flatten() } else { None }).collect())
}
