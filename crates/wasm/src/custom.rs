//! Functions of the user's, written in JavaScript, as nodes of the graph.
//!
//! JavaScript keeps the context of each under a number; Rust keeps the node and what the function
//! saved.

use crate::abi::output::{DIFFERENTIABLE, DIRTY};
use crate::callbacks::{callback_failed, forget_function, function_backward, function_name};
use crate::errors::answer;
use crate::handles::{new_handle, release, tensor};
use crate::new_handles::NewHandles;
use crate::scratch::{self, Words};
use adjoint_autograd::custom::{self, Called, CustomNode, Output};
use adjoint_autograd::{Grads, Node, Tensor, forward_mode};
use adjoint_tensor::{Array, Result};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::{Rc, Weak};
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static NODES: RefCell<HashMap<u32, Weak<Node>>> = RefCell::new(HashMap::new());
}

#[derive(Debug)]
struct Function {
    id: u32,
    /// Whether missing gradients are handed over as zeros.
    materialize: bool,
}

impl CustomNode for Function {
    fn name(&self) -> String {
        function_name(self.id)
    }

    fn backward(&self, node: &Rc<Node>, grads: &[Option<Tensor>]) -> Result<Grads> {
        let mut made = NewHandles::with_capacity(grads.len())?;
        for (g, meta) in grads.iter().zip(node.outputs()) {
            made.push(match g {
                Some(g) => new_handle(g.clone()),
                None if self.materialize => new_handle(Tensor::from_array(Array::zeros(meta.shape(), meta.dtype)?)),
                None => Ok(0),
            })?;
        }
        let handles = made.hand_out();
        put(&handles)?;
        let count = function_backward(self.id, handles.len());
        let count = usize::try_from(count).map_err(|_| callback_failed())?;
        let returned = scratch::read(count, |area| ints(&mut Words::new(area), count));
        returned
            .into_iter()
            .map(|h| {
                let g = if h == 0 { None } else { Some(tensor(h)?) };
                release(h);
                Ok(g)
            })
            .collect()
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        NODES.with_borrow_mut(|nodes| nodes.remove(&self.id));
        forget_function(self.id);
    }
}

fn ints(words: &mut Words, n: usize) -> Vec<i32> {
    (0..n).map(|_| words.int()).collect()
}

fn put(handles: &[i32]) -> Result<()> {
    scratch::write(handles.len(), |out| handles.iter().for_each(|&h| out.put(f64::from(h))))
}

fn maybe(h: i32) -> Result<Option<Tensor>> {
    if h == 0 { Ok(None) } else { tensor(h).map(Some) }
}

/// Puts the finished call `id` into the graph. The scratch area holds `n` and the inputs (0 for
/// what is not a tensor), `n` and the outputs with their flags ([`crate::abi::output`]), `n` and
/// the saved tensors (0 for none). The handles of the outputs as the caller gets them are in the
/// scratch area afterwards. Returns whether there is a node.
#[wasm_bindgen]
pub fn record_function(id: u32, materialize: bool, words: usize) -> i32 {
    let (inputs, outputs, saved) = scratch::read(words, |area| {
        let mut words = Words::new(area);
        let n = words.count();
        let inputs = ints(&mut words, n);
        let n = words.count();
        let outputs: Vec<(i32, i32)> = (0..n).map(|_| (words.int(), words.int())).collect();
        let n = words.count();
        (inputs, outputs, ints(&mut words, n))
    });
    let run = || {
        let inputs = inputs.into_iter().map(maybe).collect::<Result<Vec<_>>>()?;
        let outputs = outputs
            .into_iter()
            .map(|(h, flags)| {
                let (differentiable, dirty) = (flags & DIFFERENTIABLE != 0, flags & DIRTY != 0);
                Ok(Output { tensor: tensor(h)?, differentiable, dirty })
            })
            .collect::<Result<Vec<_>>>()?;
        let saved = saved.into_iter().map(maybe).collect::<Result<Vec<_>>>()?;
        let called = Called { inputs: &inputs, outputs: &outputs, saved: &saved };
        let (node, results) = called.finish(|| Box::new(Function { id, materialize }))?;
        if let Some(node) = &node {
            NODES.with_borrow_mut(|nodes| nodes.insert(id, Rc::downgrade(node)));
        }
        let mut made = NewHandles::with_capacity(results.len())?;
        for t in results {
            made.push(new_handle(t))?;
        }
        put(&made.hand_out())?;
        Ok(i32::from(node.is_some()))
    };
    answer(run())
}

/// The innermost open level of forward mode at which the tensor has a tangent; 0 where it has none.
#[wasm_bindgen]
pub fn level_of(h: i32) -> u32 {
    tensor(h).map_or(0, |t| forward_mode::level_of(&t))
}

/// How many tensors call `id` saved; their handles, 0 for none, are in the scratch area.
#[wasm_bindgen]
pub fn function_saved(id: u32) -> i32 {
    let node = NODES.with_borrow(|nodes| nodes.get(&id).and_then(Weak::upgrade));
    let run = || {
        let saved = node.as_ref().map_or(Ok(Vec::new()), custom::saved_tensors)?;
        let mut made = NewHandles::with_capacity(saved.len())?;
        for t in saved {
            made.push(t.map_or(Ok(0), new_handle))?;
        }
        let handles = made.hand_out();
        put(&handles)?;
        Ok(handles.len() as i32)
    };
    answer(run())
}
