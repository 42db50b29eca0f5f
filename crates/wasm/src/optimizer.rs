//! Steps of optimisers: all parameters of a group in one call.

use crate::errors::answer;
use crate::handles::tensor;
use crate::scratch::{self, Words};
use adjoint_autograd::{Tensor, capture};
use adjoint_tensor::optimizer::{self, Adam, Sgd, Step};
use adjoint_tensor::{Array, Error, Result};
use wasm_bindgen::prelude::wasm_bindgen;

/// A parameter, its gradient if it has one, what is remembered of it, and a number of its own.
struct Part {
    param: Tensor,
    grad: Option<Tensor>,
    state: Vec<Tensor>,
    number: f64,
}

impl Part {
    /// Reads `parameter, number, state…`, with handles for tensors.
    fn read(words: &mut Words, states: usize) -> Result<Part> {
        let param = tensor(words.int())?;
        let number = words.take();
        let state = (0..states).map(|_| tensor(words.int())).collect::<Result<_>>()?;
        Ok(Part { grad: param.grad(), param, state, number })
    }
}

/// Reads `n, then each part`, and runs `step(arrays, number)` on those that have a gradient. Writes to the scratch area, for each, whether it had.
fn run(words: &mut Words, states: usize, step: &dyn Fn(&Step, f64) -> Result<()>) -> Result<Vec<bool>> {
    if capture::active() {
        return Err(Error::usage("a step cannot be captured; take it outside of the function"));
    }
    let n = words.count();
    let parts = (0..n).map(|_| Part::read(words, states)).collect::<Result<Vec<_>>>()?;
    let each = |f: &dyn Fn(&Step, f64) -> Result<()>| -> Result<()> {
        for part in &parts {
            let Some(grad) = &part.grad else { continue };
            if part.param.wrap().is_some() || grad.wrap().is_some() {
                return Err(Error::usage("a step cannot be taken inside a function transform"));
            }
            let state: Vec<&Array> = part.state.iter().map(Tensor::array).collect();
            f(&Step { param: part.param.array(), grad: grad.array(), state: &state }, part.number)?;
        }
        Ok(())
    };
    // Nothing is written unless all can be.
    each(&|step, _| step.check())?;
    each(step)?;
    Ok(parts.iter().map(|part| part.grad.is_some()).collect())
}

fn finish(had: Result<Vec<bool>>, name: &str) -> i32 {
    answer(had.map_err(|e| e.in_op(name)).map(|had| {
        scratch::write(had.len(), |out| had.iter().for_each(|&h| out.put(f64::from(u8::from(h)))));
        had.len() as i32
    }))
}

/// A step of stochastic gradient descent. The scratch area holds `lr, momentum, dampening, weight decay, nesterov, maximize, n`, then for each
/// parameter its handle, whether it is its first step, and with momentum the handle of its velocity.
#[wasm_bindgen]
pub fn step_sgd(words: usize) -> i32 {
    let had = scratch::read(words, |area| {
        let words = &mut Words::new(area);
        let by = Sgd {
            lr: words.take(),
            momentum: words.take(),
            dampening: words.take(),
            weight_decay: words.take(),
            nesterov: words.take() != 0.0,
            maximize: words.take() != 0.0,
        };
        let states = usize::from(by.momentum != 0.0);
        run(words, states, &|step, first| optimizer::sgd(step, first != 0.0, &by))
    });
    finish(had, "step")
}

/// A step of Adam. The scratch area holds `lr, beta1, beta2, eps, weight decay, decoupled, maximize, amsgrad, n`, then for each parameter its
/// handle, the number of its step, and the handles of its averages of gradients and of squares, and with amsgrad of the greatest of these.
#[wasm_bindgen]
pub fn step_adam(words: usize) -> i32 {
    let had = scratch::read(words, |area| {
        let words = &mut Words::new(area);
        let by = Adam {
            lr: words.take(),
            beta1: words.take(),
            beta2: words.take(),
            eps: words.take(),
            weight_decay: words.take(),
            decoupled: words.take() != 0.0,
            maximize: words.take() != 0.0,
        };
        let states = if words.take() == 0.0 { 2 } else { 3 };
        run(words, states, &|step, t| optimizer::adam(step, t, &by))
    });
    finish(had, "step")
}
