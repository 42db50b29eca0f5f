//! The tape, as JavaScript sees it: gradients, modes and nodes.

use crate::abandoned;
use crate::abi::anomaly::{CHECK_NAN, ENABLED};
use crate::abi::mode;
use crate::abi::pass::{ALLOW_UNUSED, CREATE_GRAPH, KEEP_GRAPH, MATERIALIZE};
use crate::errors::answer;
use crate::handles::{self, new_handle, new_scoped_handle, tensor};
use crate::new_handles::NewHandles;
use crate::scratch::{self, Words};
use adjoint_autograd::anomaly::{self, Anomaly};
use adjoint_autograd::in_place::become_view as become_view_of;
use adjoint_autograd::{Tensor, engine, modes};
use adjoint_graph::{capture, lazy};
use adjoint_tensor::scratch::with_room;
use adjoint_tensor::{Array, Error, Result};
use std::cell::Cell;
use wasm_bindgen::prelude::wasm_bindgen;

/// What `backward` and `grad` take: roots, their gradients, inputs and flags.
struct Pass {
    roots: Vec<Tensor>,
    grads: Vec<Option<Tensor>>,
    inputs: Option<Vec<Tensor>>,
    flags: i32,
}

impl Pass {
    /// Reads `flags, n roots, root and gradient each (0 is none), n inputs (-1 is none), inputs…`.
    fn read(words: &mut Words) -> Result<Pass> {
        let flags = words.int();
        let count = words.count();
        let (mut roots, mut grads) = (with_room(count)?, with_room(count)?);
        for _ in 0..count {
            roots.push(tensor(words.int())?);
            let g = words.int();
            grads.push(if g == 0 { None } else { Some(tensor(g)?) });
        }
        let n = words.take();
        let inputs = if n < 0.0 {
            None
        } else {
            let mut inputs = with_room((n as usize).min(words.left()))?;
            for _ in 0..n as usize {
                inputs.push(tensor(words.int())?);
            }
            Some(inputs)
        };
        Ok(Pass { roots, grads, inputs, flags })
    }

    fn has(&self, flag: i32) -> bool {
        self.flags & flag != 0
    }
}

fn pass(words: usize) -> Result<Pass> {
    scratch::read(words, |area| Pass::read(&mut Words::new(area)))
}

/// Adds gradients to leaves; the arguments are in the scratch area, see `Pass::read`.
#[wasm_bindgen]
pub fn backward(words: usize) -> i32 {
    answer(run_backward(words).map_err(|e| e.in_op("backward")))
}

/// The usual backward pass: from one tensor to all leaves, with the gradient of handle `g`; 0 is
/// none.
#[wasm_bindgen]
pub fn backward_from(h: i32, g: i32) -> i32 {
    let run = || {
        let gradient = if g == 0 { None } else { Some(tensor(g)?) };
        let root = tensor(h)?;
        lazy::begin_pass()?;
        let done = engine::backward(&[root], &[gradient], false, false, None);
        lazy::end_pass();
        done
    };
    answer(run().map_err(|e| e.in_op("backward")).map(|()| 0))
}

fn run_backward(words: usize) -> Result<i32> {
    let pass = pass(words)?;
    let (keep, create) = (pass.has(KEEP_GRAPH), pass.has(CREATE_GRAPH));
    lazy::begin_pass()?;
    let done = engine::backward(&pass.roots, &pass.grads, keep, create, pass.inputs.as_deref());
    lazy::end_pass();
    done.map(|()| 0)
}

/// Returns how many gradients there are; their handles, 0 for none, are in the scratch area.
#[wasm_bindgen]
pub fn grad(words: usize) -> i32 {
    answer(run_grad(words).map_err(|e| e.in_op("grad")))
}

fn run_grad(words: usize) -> Result<i32> {
    let pass = pass(words)?;
    let inputs = pass.inputs.as_deref().unwrap_or_default();
    let allow = pass.has(ALLOW_UNUSED) || pass.has(MATERIALIZE);
    let (keep, create) = (pass.has(KEEP_GRAPH), pass.has(CREATE_GRAPH));
    lazy::begin_pass()?;
    let grads = engine::grad(&pass.roots, &pass.grads, inputs, keep, create, allow);
    lazy::end_pass();
    let grads = grads?;
    let mut made = NewHandles::with_capacity(grads.len())?;
    for (g, input) in grads.into_iter().zip(inputs) {
        made.push(match g {
            Some(g) => new_handle(g),
            None if pass.has(MATERIALIZE) => {
                new_handle(Tensor::from_array(Array::zeros(input.shape(), input.dtype())?))
            }
            None => Ok(0),
        })?;
    }
    let found = made.hand_out();
    scratch::write(found.len(), |out| found.iter().for_each(|&h| out.put(f64::from(h))))?;
    Ok(found.len() as i32)
}

/// Asks for gradients, or no longer.
#[wasm_bindgen]
pub fn set_requires_grad(h: i32, on: bool) -> i32 {
    answer(tensor(h).and_then(|t| t.set_requires_grad(on)).map_err(|e| e.in_op("requires_grad_")).map(|()| 0))
}

/// The accumulated gradient: 0 for none, `known` if that still is its handle, else a new handle.
#[wasm_bindgen]
pub fn grad_of(h: i32, known: i32) -> i32 {
    let found = || {
        let t = tensor(h)?;
        capture::note_grad_read(&t)?;
        match t.grad() {
            None => Ok(0),
            Some(g) if tensor(known).is_ok_and(|k| k.ptr_eq(&g)) => Ok(known),
            Some(g) => new_handle(g),
        }
    };
    answer(found().map_err(|e: Error| e.in_op("grad")))
}

/// Whether tensors have gradients: the scratch area holds their handles, of which each is replaced
/// by 1 or 0.
#[wasm_bindgen]
pub fn have_grads(words: usize) -> i32 {
    let found = scratch::read(words, |area| {
        let have = |h: &Cell<f64>| {
            let t = tensor(h.get() as i32)?;
            capture::note_grad_read(&t)?;
            Ok(t.grad().is_some())
        };
        let found = area.iter().map(have).collect::<Result<Vec<bool>>>()?;
        area.iter().zip(found).for_each(|(h, has)| h.set(f64::from(u8::from(has))));
        Ok(0)
    });
    answer(found.map_err(|e: Error| e.in_op("step")))
}

/// Replaces the accumulated gradient by that of handle `g`, or removes it for 0.
#[wasm_bindgen]
pub fn set_grad(h: i32, g: i32) -> i32 {
    let set = || {
        let (t, grad) = (tensor(h)?, if g == 0 { None } else { Some(tensor(g)?) });
        capture::note_grad_set(&t, grad.as_ref())?;
        t.set_grad(grad)
    };
    answer(set().map_err(|e| e.in_op("grad")).map(|()| 0))
}

/// The same values without history.
#[wasm_bindgen]
pub fn detach(h: i32) -> i32 {
    answer(tensor(h).and_then(|t| new_scoped_handle(t.detach())).map_err(|e| e.in_op("detach")))
}

/// The same values without history and with a version of their own.
#[wasm_bindgen]
pub fn data_of(h: i32) -> i32 {
    let data = || {
        if capture::active() {
            return Err(Error::usage("cannot be captured; take it outside and hand the result over as an input"));
        }
        new_scoped_handle(tensor(h)?.data()?)
    };
    answer(data().map_err(|e| e.in_op("data")))
}

/// Gives the tensor the values of another one, shared.
#[wasm_bindgen]
pub fn set_data(h: i32, source: i32) -> i32 {
    let put = || {
        if capture::active() {
            return Err(Error::usage("cannot be set while a program is captured; use copy_()"));
        }
        handles::replace(h, tensor(h)?.set_data(&tensor(source)?)?);
        Ok(0)
    };
    answer(put().map_err(|e| e.in_op("data")))
}

/// Makes the tensor a leaf without history.
#[wasm_bindgen]
pub fn detach_in_place(h: i32) -> i32 {
    answer(tensor(h).and_then(|t| t.detach_in_place()).map_err(|e| e.in_op("detach_")).map(|()| 0))
}

/// Asks for the gradient of a computed tensor.
#[wasm_bindgen]
pub fn retain_grad(h: i32) -> i32 {
    answer(tensor(h).and_then(|t| t.retain_grad()).map_err(|e| e.in_op("retain_grad")).map(|()| 0))
}

/// The tensor this one is a view of, or 0.
#[wasm_bindgen]
pub fn base_of(h: i32) -> i32 {
    answer(tensor(h).and_then(|t| t.visible_base().map_or(Ok(0), new_handle)))
}

/// Whether no recorded operation made the tensor; fails for views whose history was lost.
#[wasm_bindgen]
pub fn is_leaf(h: i32) -> i32 {
    answer(tensor(h).and_then(|t| t.grad_fn()).map(|edge| i32::from(edge.is_none())))
}

/// Makes `h` name `view`, a view of what it named.
#[wasm_bindgen]
pub fn become_view(h: i32, view: i32) -> i32 {
    let put = || {
        let t = become_view_of(&tensor(h)?, &tensor(view)?)?;
        handles::replace(h, t);
        Ok(0)
    };
    answer(put())
}

/// Whether both handles name the same tensor.
#[wasm_bindgen]
pub fn same_tensor(a: i32, b: i32) -> bool {
    matches!((tensor(a), tensor(b)), (Ok(a), Ok(b)) if a.ptr_eq(&b))
}

/// Switches a mode, one of [`crate::abi::mode`], and returns what it was.
#[wasm_bindgen]
pub fn set_mode(which: i32, on: bool) -> bool {
    let was = if which == mode::GRAD { modes::set_grad_enabled(on) } else { modes::set_inference(on) };
    abandoned::remember_modes();
    was
}

/// Whether a mode is on.
#[wasm_bindgen]
pub fn get_mode(which: i32) -> bool {
    if which == mode::GRAD { modes::grad_enabled() } else { modes::inference() }
}

/// Switches anomaly detection (bits of [`crate::abi::anomaly`]) and returns what it was.
#[wasm_bindgen]
pub fn set_anomaly(bits: i32) -> i32 {
    let state = Anomaly { enabled: bits & ENABLED != 0, check_nan: bits & CHECK_NAN != 0 };
    bits_of(anomaly::set(state))
}

/// The state of anomaly detection, as [`set_anomaly`] takes it.
#[wasm_bindgen]
pub fn get_anomaly() -> i32 {
    bits_of(anomaly::state())
}

fn bits_of(state: Anomaly) -> i32 {
    (if state.enabled { ENABLED } else { 0 }) | (if state.check_nan { CHECK_NAN } else { 0 })
}

/// Restarts the generator of random numbers.
#[wasm_bindgen]
pub fn manual_seed(high: u32, low: u32) {
    adjoint_tensor::rng::manual_seed((u64::from(high) << 32) | u64::from(low));
}
