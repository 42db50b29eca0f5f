//! The derivatives of all formulas: one pair of functions, which reads the formulas in
//! `OpDef::gradients`.

use super::evaluate;
use crate::elementwise::add::add;
use crate::view::expand::expand;
use adjoint_autograd::{Backward, Body, Grads, OpDef, Outputs, Params, Tangents, Tensor, modes};
use adjoint_cpu::elementwise;
use adjoint_kernels::elementwise::Blocks;
use adjoint_tensor::{Array, Result};
use smallvec::{SmallVec, smallvec};

/// What a gradient may read: `g`, the inputs and the output, with `g` standing in for what was not
/// saved.
type Operands<'a> = SmallVec<[&'a Tensor; 5]>;

/// The numbers of a call.
fn params(op: &OpDef, attrs: &adjoint_autograd::Attrs) -> Result<Params> {
    match &op.body {
        Body::Elementwise { blocks, params } if blocks.n_params > 0 => params(attrs),
        _ => Ok(Params::new()),
    }
}

/// One gradient, by the fused kernel or, where it must itself be differentiable or each step
/// rounds, made of ops.
fn gradient(op: &OpDef, blocks: &Blocks, operands: &Operands, params: &[f64]) -> Result<Tensor> {
    if modes::grad_enabled()
        || op.rounds_gradients(operands[0].dtype())
        || operands.iter().any(|t| t.tangents().is_some())
    {
        return evaluate(&blocks.program(), operands, params);
    }
    let arrays: SmallVec<[&Array; 5]> = operands.iter().map(|t| t.array()).collect();
    let dtype = operands[0].dtype();
    elementwise::compute(blocks, dtype, &arrays, params).map(Tensor::from_array)
}

/// The gradients that are wanted, by the fused kernels on the saved values themselves; `None` where
/// those do not serve.
fn fused(b: &Backward, numbers: &Params) -> Result<Option<Grads>> {
    let gradients = b.op().gradients;
    let last = (0..gradients.len()).rfind(|&i| b.wants(i));
    let reads = |i: usize| b.op().saves.inputs.get(i).copied().unwrap_or(0);
    let mut grads = Grads::new();
    for (i, blocks) in gradients.iter().enumerate() {
        let g = if b.wants(i) { b.fused(blocks, reads(i), numbers, last == Some(i))? } else { None };
        if g.is_none() && b.wants(i) {
            return Ok(None);
        }
        grads.push(g);
    }
    Ok(Some(grads))
}

/// The gradients that are wanted.
pub(super) fn vjp(b: &Backward) -> Result<Grads> {
    let op = b.op();
    let numbers = params(op, b.attrs())?;
    if !op.rounds_gradients(b.g().dtype())
        && let Some(grads) = fused(b, &numbers)?
    {
        return Ok(grads);
    }
    let mut saved: SmallVec<[Option<Tensor>; 4]> = SmallVec::new();
    for i in 0..op.gradients.len() {
        saved.push(b.opt_input(i)?);
    }
    saved.push(if op.saves.outputs.is_empty() { None } else { b.opt_output(0)? });
    let mut operands: Operands = smallvec![b.g()];
    operands.extend(saved.iter().map(|t| t.as_ref().unwrap_or(b.g())));
    let wanted = op.gradients.iter().enumerate();
    wanted.map(|(i, blocks)| b.wants(i).then(|| gradient(op, blocks, &operands, &numbers)).transpose()).collect()
}

/// The tangent of the result: a gradient is linear in `g`, so with a tangent for `g` it is that
/// input's share.
pub(super) fn jvp(t: &Tangents) -> Result<Outputs> {
    let numbers = params(t.op, t.attrs)?;
    let mut total: Option<Tensor> = None;
    for (i, blocks) in t.op.gradients.iter().enumerate() {
        let Some(tangent) = &t.tangents[i] else { continue };
        let mut operands: Operands = smallvec![tangent];
        operands.extend(t.primals.iter().map(|x| x.as_ref().unwrap_or(tangent)));
        operands.push(&t.outputs[0]);
        let share = gradient(t.op, blocks, &operands, &numbers)?;
        total = Some(match total {
            None => share,
            Some(sum) => add(&sum, &share)?,
        });
    }
    let total = total.expect("forward mode runs where an input has a tangent");
    // A tangent has the result's shape even where only a smaller operand has one.
    let shape = t.outputs[0].shape();
    Ok(smallvec![if total.shape() == shape { total } else { expand(&total, shape)? }])
}
