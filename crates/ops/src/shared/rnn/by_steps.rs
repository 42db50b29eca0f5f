//! A layer made of differentiable ops.

use crate::contract::linear::linear;
use crate::elementwise::{add::add, mul::mul, relu::relu, sigmoid::sigmoid, sub::sub, tanh::tanh};
use crate::view::{cat::cat, narrow::narrow};
use adjoint_autograd::op::Outputs;
use adjoint_autograd::{Attrs, Tensor};
use adjoint_tensor::Result;
use smallvec::{SmallVec, smallvec};

/// The states of a layer: h, and c where it has cells.
pub type States = SmallVec<[Tensor; 2]>;

/// Columns `k · n` to `(k + 1) · n`.
pub fn part(x: &Tensor, k: usize, n: usize) -> Result<Tensor> {
    narrow(x, 1, k * n, n)
}

/// Runs `cell` over all steps: given a step's rows of `x` and the states of the sequences that have
/// it, it returns the new ones. Returns the outputs, `[rows, width]`, and the last states of each
/// sequence.
pub fn run(
    x: &Tensor,
    first: States,
    attrs: &Attrs,
    cell: &dyn Fn(&Tensor, &[Tensor]) -> Result<States>,
) -> Result<Outputs> {
    let steps = crate::shared::rnn::steps::of(attrs)?;
    let mut states = first;
    let mut outs: Vec<(usize, Tensor)> = Vec::new();
    for step in &steps {
        let all = states[0].shape()[0];
        let now: States = states.iter().map(|s| narrow(s, 0, 0, step.rows)).collect::<Result<_>>()?;
        let new = cell(&narrow(x, 0, step.first, step.rows)?, &now)?;
        outs.push((step.first, new[0].clone()));
        states = if step.rows == all {
            new
        } else {
            let rest = |s: &Tensor| narrow(s, 0, step.rows, all - step.rows);
            new.iter().zip(&states).map(|(n, s)| cat(&[n, &rest(s)?], 0)).collect::<Result<_>>()?
        };
    }
    outs.sort_by_key(|&(first, _)| first);
    let rows: Vec<&Tensor> = outs.iter().map(|(_, out)| out).collect();
    let mut result: Outputs = smallvec![cat(&rows, 0)?];
    result.extend(states);
    Ok(result)
}

/// One step of an LSTM on what the inputs add to the gates.
pub fn lstm(x: &Tensor, h: &Tensor, c: &Tensor, weight: &Tensor, projection: Option<&Tensor>) -> Result<States> {
    let n = c.shape()[1];
    let gates = add(x, &linear(h, weight, None)?)?;
    let gate = |k: usize| part(&gates, k, n);
    let (i, f, g, o) = (sigmoid(&gate(0)?)?, sigmoid(&gate(1)?)?, tanh(&gate(2)?)?, sigmoid(&gate(3)?)?);
    let c = add(&mul(&f, c)?, &mul(&i, &g)?)?;
    let h = mul(&o, &tanh(&c)?)?;
    Ok(smallvec![if let Some(w) = projection { linear(&h, w, None)? } else { h }, c])
}

/// One step of a GRU.
pub fn gru(x: &Tensor, h: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<States> {
    let n = h.shape()[1];
    let by_state = linear(h, weight, bias)?;
    let gate = |k: usize| sigmoid(&add(&part(x, k, n)?, &part(&by_state, k, n)?)?);
    let (r, z) = (gate(0)?, gate(1)?);
    let new = tanh(&add(&part(x, 2, n)?, &mul(&r, &part(&by_state, 2, n)?)?)?)?;
    Ok(smallvec![add(&new, &mul(&z, &sub(h, &new)?)?)?])
}

/// One step of a simple layer.
pub fn simple(x: &Tensor, h: &Tensor, weight: &Tensor, is_relu: bool) -> Result<States> {
    let sum = add(x, &linear(h, weight, None)?)?;
    Ok(smallvec![if is_relu { relu(&sum)? } else { tanh(&sum)? }])
}
