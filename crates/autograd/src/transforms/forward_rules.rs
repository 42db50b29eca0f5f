//! The tangents of the outputs of a call, by the forward rule that its op states.

use crate::dispatch::{compute, dispatch, record};
use crate::engine;
use crate::graph::modes::{self, GradMode};
use crate::graph::tensor::Tensor;
use crate::op::{Backward, Jvp, Outputs, Tangents, required};
use crate::transforms::forward_mode::{live, zeros_like};
use adjoint_tensor::Result;
use smallvec::SmallVec;

/// The tangents of the outputs.
pub(super) fn push(call: &Tangents) -> Result<SmallVec<[Option<Tensor>; 1]>> {
    match call.op.jvp {
        Jvp::Fn(f) => Ok(f(call)?.into_iter().map(Some).collect()),
        Jvp::Linear => linear(call),
        Jvp::Multilinear => multilinear(call),
        Jvp::Transposed => transposed(call),
    }
}

fn linear(call: &Tangents) -> Result<SmallVec<[Option<Tensor>; 1]>> {
    let mut zeros: SmallVec<[Option<Tensor>; 3]> = SmallVec::new();
    for (primal, tangent) in call.primals.iter().zip(call.tangents) {
        zeros.push(match (primal, tangent) {
            (_, Some(t)) => Some(t.clone()),
            (Some(p), None) if p.dtype().is_float() => Some(zeros_like(p)?),
            (p, None) => p.clone(),
        });
    }
    let refs: SmallVec<[Option<&Tensor>; 3]> = zeros.iter().map(Option::as_ref).collect();
    Ok(dispatch(call.op, &refs, call.attrs.clone())?.into_iter().map(Some).collect())
}

fn multilinear(call: &Tangents) -> Result<SmallVec<[Option<Tensor>; 1]>> {
    let mut total: Option<Tensor> = None;
    for (i, tangent) in call.tangents.iter().enumerate() {
        if tangent.is_none() {
            continue;
        }
        let refs: SmallVec<[Option<&Tensor>; 3]> =
            call.primals.iter().enumerate().map(|(j, p)| if i == j { tangent.as_ref() } else { p.as_ref() }).collect();
        let part = dispatch(call.op, &refs, call.attrs.clone())?.swap_remove(0);
        total = Some(match total {
            None => part,
            Some(sum) => (required::get().add)(&sum, &part)?,
        });
    }
    Ok(std::iter::once(total).collect())
}

/// From the reverse derivative: `g ↦ vjp(g)` is linear, and its transpose at `t` is the forward
/// derivative.
fn transposed(call: &Tangents) -> Result<SmallVec<[Option<Tensor>; 1]>> {
    let Some(vjp) = call.op.vjp.function() else { return Ok(SmallVec::new()) };
    let outer = modes::grad_enabled();
    let _on = GradMode::set(true);
    // A private graph: leaves for the inputs that have tangents, so that `wants` says yes for just
    // those, and leaves for the gradients of the outputs, in which the result is linear.
    let refs: SmallVec<[Option<&Tensor>; 3]> = call.primals.iter().map(Option::as_ref).collect();
    let leaves: SmallVec<[Option<Tensor>; 3]> = call
        .primals
        .iter()
        .zip(call.tangents)
        .map(|(p, t)| match (p, t) {
            (Some(p), Some(_)) if !p.requires_grad() => {
                let leaf = p.detach().with_tangents(p.tangents().cloned());
                leaf.set_requires_grad(true)?;
                Ok(Some(leaf))
            }
            _ => Ok(p.clone()),
        })
        .collect::<Result<_>>()?;
    let leaf_refs: SmallVec<[Option<&Tensor>; 3]> = leaves.iter().zip(&refs).map(|(l, r)| l.as_ref().or(*r)).collect();
    let hidden: Outputs = compute(call.op, &leaf_refs, call.attrs)?.into_iter().map(Tensor::from_array).collect();
    // What the derivative reads of the outputs has the tangents of the levels below.
    let tangent_of = |i: usize| call.outputs.get(i).and_then(live);
    let hidden: Outputs = hidden.iter().enumerate().map(|(i, t)| t.with_tangents(tangent_of(i))).collect();
    let node = record(call.op, &leaf_refs, call.attrs.clone(), &hidden)?;
    let mut gs: SmallVec<[Option<Tensor>; 1]> = SmallVec::new();
    for out in call.outputs {
        gs.push(if out.dtype().is_float() {
            let g = zeros_like(out)?;
            g.set_requires_grad(true)?;
            Some(g)
        } else {
            None
        });
    }
    let wanted = |i: usize| call.tangents.get(i).is_some_and(Option::is_some);
    let Some(backward) = Backward::new(&node, &gs, &wanted) else { return Ok(SmallVec::new()) };
    let grads = vjp(&backward)?;
    let (mut roots, mut seeds) = (Vec::new(), Vec::new());
    for (grad, tangent) in grads.into_iter().zip(call.tangents) {
        if let (Some(grad), Some(tangent)) = (grad, tangent) {
            let grad = (required::get().sum_to)(&grad, tangent.shape())?;
            if grad.requires_grad() {
                roots.push(grad);
                seeds.push(Some(tangent.clone()));
            }
        }
    }
    if roots.is_empty() {
        return Ok(call.outputs.iter().map(|_| None).collect());
    }
    let inputs: Vec<Tensor> = gs.iter().flatten().cloned().collect();
    let mut found = engine::grad(&roots, &seeds, &inputs, true, outer, true)?.into_iter();
    Ok(gs.iter().map(|g| g.as_ref().and_then(|_| found.next().flatten())).collect())
}
