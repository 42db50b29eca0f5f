//! Calls from Rust into JavaScript.
//!
//! JavaScript hands over one object at start. What it throws stays on its side and is thrown again there, unchanged;
//! Rust only learns that it happened. No borrow is held while JavaScript runs.

use crate::errors::answer;
use crate::handles::{new_handle, release, tensor};
use adjoint_autograd::Tensor;
use adjoint_autograd::hooks::{Hook, HookId};
use adjoint_tensor::{Code, Error, Result};
use std::cell::OnceCell;
use std::rc::Rc;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// The object with the methods Rust calls.
    pub type Host;

    /// A panic is about to end this instance; throws, so that the caller learns why.
    #[wasm_bindgen(method)]
    fn panicked(this: &Host, message: &str);

    /// Runs callback `id` with a gradient it now owns; returns a handle that replaces it, 0, or -1 where it threw.
    #[wasm_bindgen(method)]
    fn hook(this: &Host, id: u32, gradient: i32) -> i32;

    /// Callback `id` will not be called again.
    #[wasm_bindgen(method)]
    fn forget(this: &Host, id: u32);
}

thread_local! {
    static HOST: OnceCell<Host> = const { OnceCell::new() };
}

fn with_host<R>(f: impl FnOnce(&Host) -> R) -> Option<R> {
    HOST.with(|host| host.get().map(f))
}

/// Receives the object. Called once, before anything else.
#[wasm_bindgen]
pub fn set_host(host: Host, generation: u32) {
    HOST.with(|cell| drop(cell.set(host)));
    crate::handles::start_at_generation(generation);
    std::panic::set_hook(Box::new(|info| {
        let message = info.to_string();
        with_host(|host| host.panicked(&message));
    }));
}

/// A callback that tells JavaScript when it is no longer needed.
struct Callback(u32);

impl Callback {
    fn run(&self, g: &Tensor) -> Result<Option<Tensor>> {
        let handle = new_handle(g.clone())?;
        let answer = with_host(|host| host.hook(self.0, handle)).unwrap_or(0);
        match answer {
            0 => Ok(None),
            h if h > 0 => {
                let t = tensor(h);
                release(h);
                t.map(Some)
            }
            _ => Err(Error::new(Code::Callback, "a hook threw")),
        }
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        with_host(|host| host.forget(self.0));
    }
}

fn hook(id: u32) -> Hook {
    let callback = Callback(id);
    Rc::new(move |g| callback.run(g))
}

/// Runs callback `id` on the gradient of the tensor whenever one is computed; returns the hook's number.
#[wasm_bindgen]
pub fn register_hook(h: i32, id: u32) -> i32 {
    let hook = hook(id);
    answer(tensor(h).and_then(|t| t.register_hook(hook)).map_err(|e| e.in_op("register_hook")).map(|id| id.0 as i32))
}

/// Runs callback `id` after the gradient of the leaf was written; returns the hook's number.
#[wasm_bindgen]
pub fn register_post_accumulate_hook(h: i32, id: u32) -> i32 {
    let hook = hook(id);
    let registered = tensor(h).and_then(|t| t.register_post_accumulate_hook(hook));
    answer(registered.map_err(|e| e.in_op("register_post_accumulate_grad_hook")).map(|id| id.0 as i32))
}

/// Removes a hook; the tensor may be gone already.
#[wasm_bindgen]
pub fn remove_hook(h: i32, hook: u32) -> i32 {
    match tensor(h) {
        Ok(t) => answer(t.remove_hook(HookId(hook)).map(|()| 0)),
        Err(_) => 0,
    }
}
