//! Which calls of a program a replay records for gradients.
//!
//! A program that takes its own gradients has them as steps, so that a replay needs no graph. What
//! is left are outputs that can be differentiated after the call: the graph behind them is recorded
//! again, unless a backward pass of the function has freed it.

use crate::program::{Program, Step, ValueId};
use adjoint_autograd::inspect::Graph;
use adjoint_autograd::{Node, Tensor};
use adjoint_tensor::Result;
use std::collections::HashSet;

/// Whether a user could differentiate `t`.
fn is_differentiable(t: &Tensor) -> Result<bool> {
    if !t.requires_grad() || t.grad_fn()?.is_none() {
        return Ok(false);
    }
    Ok(!Graph::of(std::slice::from_ref(t))?.nodes.iter().any(|node| Node::is_freed(node)))
}

/// Switches recording off for the calls of a program that differentiates, where no output of it can
/// be differentiated by way of them.
pub(crate) fn limit(program: &mut Program, outputs: &[Tensor]) -> Result<()> {
    if !program.differentiates {
        return Ok(());
    }
    let mut needed: HashSet<ValueId> = HashSet::new();
    for (t, value) in outputs.iter().zip(&program.outputs) {
        if is_differentiable(t)? {
            needed.insert(*value);
        }
    }
    for step in program.steps.iter_mut().rev() {
        match step {
            Step::Call(call) => {
                let writes = call.in_place && call.inputs[0].is_some_and(|this| needed.contains(&this));
                if writes || call.outputs.iter().any(|value| needed.contains(value)) {
                    needed.extend(call.inputs.iter().flatten());
                } else {
                    call.grad = Some(false);
                }
            }
            Step::ReadGrad { .. } | Step::Gradient(_) | Step::Detach { .. } => {}
            Step::Accumulate { grad, create_graph: true, .. } => _ = needed.insert(*grad),
            Step::Accumulate { .. } | Step::SetGrad { .. } | Step::NoGrad { .. } => {}
        }
    }
    Ok(())
}
