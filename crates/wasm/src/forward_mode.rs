//! Dual tensors, and what function transforms need of the tape.

use crate::errors::answer;
use crate::handles::{new_handle, tensor};
use crate::new_handles::NewHandles;
use crate::scratch;
use adjoint_autograd::levels::Randomness;
use adjoint_autograd::transforms::stack;
use adjoint_autograd::{forward_mode, inspect, vmap};
use adjoint_tensor::Result;
use wasm_bindgen::prelude::wasm_bindgen;

/// Opens a level of forward mode and returns its number.
#[wasm_bindgen]
pub fn enter_dual_level() -> u32 {
    forward_mode::enter_level()
}

/// Closes the innermost level.
#[wasm_bindgen]
pub fn exit_dual_level() {
    forward_mode::exit_level();
}

/// The innermost open level; 0 is none.
#[wasm_bindgen]
pub fn dual_level() -> u32 {
    forward_mode::level()
}

/// The value with a tangent at `level`.
#[wasm_bindgen]
pub fn make_dual(primal: i32, tangent: i32, level: u32) -> i32 {
    let made = || forward_mode::make_dual(&tensor(primal)?, &tensor(tangent)?, level);
    answer(made().and_then(new_handle).map_err(|e| e.in_op("make_dual")))
}

/// Leaves the handles of the value without its tangent at `level` and of that tangent, or 0, in the
/// scratch area.
#[wasm_bindgen]
pub fn unpack_dual(h: i32, level: u32) -> i32 {
    answer(unpack(h, level).map_err(|e| e.in_op("unpack_dual")))
}

fn unpack(h: i32, level: u32) -> Result<i32> {
    let (primal, tangent) = forward_mode::take_apart(&tensor(h)?, level)?;
    let mut made = NewHandles::with_capacity(2)?;
    made.push(new_handle(primal))?;
    made.push(tangent.map_or(Ok(0), new_handle))?;
    let handles = made.hand_out();
    scratch::write_few(2, |out| handles.iter().for_each(|&h| out.put(f64::from(h))));
    Ok(0)
}

/// The same value as something new to differentiate with respect to.
#[wasm_bindgen]
pub fn fresh(h: i32) -> i32 {
    answer(tensor(h).and_then(|t| forward_mode::fresh(&t)).and_then(new_handle))
}

/// The same value with its tangents but without history.
#[wasm_bindgen]
pub fn without_history(h: i32) -> i32 {
    answer(tensor(h).map(|t| forward_mode::without_history(&t)).and_then(new_handle))
}

/// 1 where `h` depends on leaves that require grad and that no transform made for itself.
#[wasm_bindgen]
pub fn depends_on_user_leaves(h: i32) -> i32 {
    answer(tensor(h).and_then(|t| inspect::depends_on_user_leaves(&t)).map(i32::from))
}

/// Begins a transform that differentiates.
#[wasm_bindgen]
pub fn enter_transform() {
    stack::enter_derivative();
}

/// Begins a transform that batches so many samples; see [`crate::abi`] for how they draw random
/// numbers.
#[wasm_bindgen]
pub fn enter_vmap(samples: usize, randomness: u8) {
    vmap::enter(
        samples,
        match randomness {
            0 => Randomness::Refused,
            1 => Randomness::Different,
            _ => Randomness::Same,
        },
    );
}

/// Ends the innermost transform.
#[wasm_bindgen]
pub fn exit_transform() {
    stack::exit();
}

/// Notes that `h` is an argument of the innermost transform.
#[wasm_bindgen]
pub fn admit(h: i32) -> i32 {
    answer(tensor(h).map(|t| {
        stack::admit(&t);
        0
    }))
}

/// The tensor of which the innermost transform, a `vmap`, has a sample at each index of `dim`.
#[wasm_bindgen]
pub fn hide_samples(h: i32, dim: usize) -> i32 {
    answer(tensor(h).and_then(|t| vmap::hide(&t, dim)).and_then(new_handle))
}

/// The tensor with the samples of the innermost transform along `dim`.
#[wasm_bindgen]
pub fn reveal_samples(h: i32, dim: usize) -> i32 {
    answer(tensor(h).and_then(|t| vmap::reveal(&t, dim)).and_then(new_handle))
}

/// 1 where `h` has samples of the innermost transform.
#[wasm_bindgen]
pub fn has_samples(h: i32) -> i32 {
    answer(tensor(h).map(|t| i32::from(vmap::has_samples(&t))))
}

/// 1 where the value of `h` belongs to samples of a `vmap`.
#[wasm_bindgen]
pub fn is_sample(h: i32) -> i32 {
    answer(tensor(h).map(|t| i32::from(t.array().is_batched())))
}
