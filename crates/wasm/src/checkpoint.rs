//! Checkpoints: the second run of a function is JavaScript's to do.

use crate::callbacks::{Host, callback_failed, with_host};
use crate::errors::answer;
use crate::handles::{new_handle, tensor};
use crate::new_handles::NewHandles;
use crate::scratch::{self, Words};
use adjoint_autograd::checkpoint::Frame;
use adjoint_tensor::Result;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// Runs function `id` again on the `n` inputs whose handles, which it now owns, are in the
    /// scratch area; -1 where it threw.
    #[wasm_bindgen(method)]
    pub(crate) fn replay(this: &Host, id: u32, n: usize) -> i32;

    /// Function `id` will not be called again.
    #[wasm_bindgen(method, js_name = forgetReplay)]
    pub(crate) fn forget_replay(this: &Host, id: u32);
}

/// Sets the ids of checkpoints apart from those of JavaScript's hooks on saved tensors.
const ID_BIT: u32 = 1 << 31;

thread_local! {
    /// Those in their first run, innermost last.
    static RUNNING: RefCell<Vec<Rc<Frame>>> = const { RefCell::new(Vec::new()) };
}

/// A function of JavaScript's, which is told when it is no longer needed.
struct Function(u32);

impl Function {
    fn replay(&self, frame: &Rc<Frame>) -> Result<()> {
        let inputs = frame.inputs()?;
        let mut made = NewHandles::with_capacity(inputs.len())?;
        for t in inputs {
            made.push(new_handle(t))?;
        }
        let handles = made.hand_out();
        scratch::write(handles.len(), |out| handles.iter().for_each(|&h| out.put(f64::from(h))))?;
        match with_host(|host| host.replay(self.0, handles.len())) {
            Some(0) => Ok(()),
            _ => Err(callback_failed()),
        }
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        with_host(|host| host.forget_replay(self.0));
    }
}

/// Starts the first run of function `id` on the `n` tensors whose handles are in the scratch area.
#[wasm_bindgen]
pub fn checkpoint_start(id: u32, n: usize, preserve_random: bool, early_stop: bool) -> i32 {
    let inputs = scratch::read(n, |area| {
        let mut words = Words::new(area);
        (0..n).map(|_| tensor(words.int())).collect::<Result<Vec<_>>>()
    });
    let function = Function(id);
    let started = inputs
        .and_then(|inputs| {
            Frame::new(id | ID_BIT, &inputs, preserve_random, early_stop, Box::new(move |frame| function.replay(frame)))
        })
        .map(|frame| {
            frame.start();
            RUNNING.with_borrow_mut(|all| all.push(frame));
            0
        });
    answer(started.map_err(|e| e.in_op("checkpoint")))
}

/// Ends the first run that started last.
#[wasm_bindgen]
pub fn checkpoint_end() {
    let frame = RUNNING.with_borrow_mut(Vec::pop);
    if let Some(frame) = frame {
        frame.end();
    }
}
