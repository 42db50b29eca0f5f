//! Calls from Rust into JavaScript.
//!
//! JavaScript hands over one object at start. What it throws stays on its side and is thrown again
//! there, unchanged; Rust only learns that it happened. No borrow is held while JavaScript runs.

use crate::abandoned;
use crate::abi::callback::{NODE_UNCHANGED, THREW, UNCHANGED};
use crate::errors::answer;
use crate::handles::{new_handle, release, tensor};
use adjoint_autograd::graph::trace::{self, Traces};
use adjoint_autograd::hooks::{self, Hook, HookId, SavedHooks};
use adjoint_autograd::{Tensor, forward_mode};
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
    pub(crate) fn panicked(this: &Host, message: &str);

    /// Instantiates the secondary module, or throws.
    #[wasm_bindgen(method, js_name = loadSecondary)]
    pub(crate) fn load_secondary(this: &Host);

    /// Runs callback `id` with a gradient it now owns; returns a handle that replaces it, 0, or -1
    /// where it threw.
    #[wasm_bindgen(method)]
    pub(crate) fn hook(this: &Host, id: u32, gradient: i32) -> i32;

    /// Runs callback `id` of a node on the gradients in the scratch area (0 for a missing one),
    /// `inputs` of its inputs and `outputs` of its outputs, which it now owns. Returns how many
    /// handles that replace them are there, -1 for none, or -2 where it threw.
    #[wasm_bindgen(method, js_name = nodeHook)]
    pub(crate) fn node_hook(this: &Host, id: u32, inputs: usize, outputs: usize) -> i32;

    /// Callback `id` will not be called again.
    #[wasm_bindgen(method)]
    pub(crate) fn forget(this: &Host, id: u32);

    /// The name of the node of the user's function `id`.
    #[wasm_bindgen(method, js_name = functionName)]
    pub(crate) fn function_name(this: &Host, id: u32) -> String;

    /// Runs the backward of function `id` on the `n` gradients in the scratch area (0 for a missing
    /// one), which it now owns; leaves a handle for each argument there, or 0, and returns how
    /// many, or -1 where it threw.
    #[wasm_bindgen(method, js_name = functionBackward)]
    pub(crate) fn function_backward(this: &Host, id: u32, n: usize) -> i32;

    /// The node of function `id` is gone.
    #[wasm_bindgen(method, js_name = forgetFunction)]
    pub(crate) fn forget_function(this: &Host, id: u32);

    /// Packs a tensor, which it now owns, with the pair of hooks `id`; returns the key of what came
    /// out, or -1.
    #[wasm_bindgen(method)]
    pub(crate) fn pack(this: &Host, id: u32, t: i32) -> i32;

    /// Unpacks what `pack` returned the key of, to a handle, or -1.
    #[wasm_bindgen(method)]
    pub(crate) fn unpack(this: &Host, key: u32) -> i32;

    /// The node that kept the packed thing is gone.
    #[wasm_bindgen(method, js_name = forgetPacked)]
    pub(crate) fn forget_packed(this: &Host, key: u32);

    /// Keeps the present call stack and returns its key.
    #[wasm_bindgen(method, js_name = keepTrace)]
    pub(crate) fn keep_trace(this: &Host) -> u32;

    /// The text of a kept call stack.
    #[wasm_bindgen(method, js_name = readTrace)]
    pub(crate) fn read_trace(this: &Host, key: u32) -> String;

    /// The node of a kept call stack is gone.
    #[wasm_bindgen(method, js_name = forgetTrace)]
    pub(crate) fn forget_trace(this: &Host, key: u32);
}

thread_local! {
    static HOST: OnceCell<Host> = const { OnceCell::new() };
}

pub(crate) fn with_host<R>(f: impl FnOnce(&Host) -> R) -> Option<R> {
    abandoned::in_callback(|| HOST.with(|host| host.get().map(f)))
}

/// Receives the object. Called once, before anything else.
#[wasm_bindgen]
pub fn set_host(host: Host, generation: u32) {
    HOST.with(|cell| drop(cell.set(host)));
    crate::handles::start_at_generation(generation);
    trace::install(Traces {
        keep: || with_host(Host::keep_trace).unwrap_or(0),
        read: |key| with_host(|host| host.read_trace(key)).unwrap_or_default(),
        forget: |key| {
            with_host(|host| host.forget_trace(key));
        },
    });
    std::panic::set_hook(Box::new(|info| {
        let message = info.to_string();
        HOST.with(|host| host.get().map(|host| host.panicked(&message)));
    }));
}

/// Asks JavaScript for the secondary module. Nothing here calls it: the build splits the binary
/// (scripts/build/split), and the placeholders of the primary module for functions of the secondary
/// one do.
#[wasm_bindgen]
pub fn load_secondary() {
    // Not a callback: where this throws, the call that needed the module is abandoned, not one that
    // runs inside of it.
    HOST.with(|host| host.get().map(Host::load_secondary));
}

/// The error in place of what JavaScript threw, which it throws again itself.
pub fn callback_failed() -> Error {
    Error::new(Code::Callback, "a callback threw")
}

/// The name of the node of function `id`.
pub fn function_name(id: u32) -> String {
    with_host(|host| host.function_name(id)).unwrap_or_default()
}

/// See [`Host::node_hook`].
pub fn node_hook(id: u32, inputs: usize, outputs: usize) -> i32 {
    with_host(|host| host.node_hook(id, inputs, outputs)).unwrap_or(NODE_UNCHANGED)
}

/// See [`Host::forget`].
pub fn forget(id: u32) {
    with_host(|host| host.forget(id));
}

/// See [`Host::function_backward`].
pub fn function_backward(id: u32, n: usize) -> i32 {
    with_host(|host| host.function_backward(id, n)).unwrap_or(THREW)
}

/// See [`Host::forget_function`].
pub fn forget_function(id: u32) {
    with_host(|host| host.forget_function(id));
}

/// A callback that tells JavaScript when it is no longer needed.
struct Callback(u32);

impl Callback {
    fn run(&self, g: &Tensor) -> Result<Option<Tensor>> {
        let handle = new_handle(g.clone())?;
        let answer = with_host(|host| host.hook(self.0, handle)).unwrap_or(UNCHANGED);
        match answer {
            UNCHANGED => Ok(None),
            h if h > 0 => {
                let t = tensor(h);
                release(h);
                t.map(Some)
            }
            _ => Err(callback_failed()),
        }
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        forget(self.0);
    }
}

fn hook(id: u32) -> Hook {
    let callback = Callback(id);
    Rc::new(move |g| callback.run(g))
}

/// Runs callback `id` on the gradient of the tensor whenever one is computed; returns the hook's
/// number.
#[wasm_bindgen]
pub fn register_hook(h: i32, id: u32) -> i32 {
    let hook = hook(id);
    answer(tensor(h).and_then(|t| t.register_hook(hook)).map_err(|e| e.in_op("register_hook")).map(|id| id.0 as i32))
}

/// Runs callback `id` after the gradient of the leaf was written; returns the hook's number.
#[wasm_bindgen]
pub fn register_post_accumulate_hook(h: i32, id: u32) -> i32 {
    let hook = hook(id);
    let registered = tensor(h).and_then(|t| forward_mode::register_post_accumulate_hook(&t, hook));
    answer(registered.map_err(|e| e.in_op("register_post_accumulate_grad_hook")).map(|id| id.0 as i32))
}

/// Whether only this handle leads to the hooks on its tensor, so that they can be collected with
/// it. They are on the node with this key, or on the tensor itself for 0.
#[wasm_bindgen]
pub fn holds_hooks_alone(h: i32, node: f64) -> bool {
    crate::handles::holds_hooks_alone(h, node as usize)
}

/// Removes a hook and returns whether it was found: the tensor may be gone, or no longer lead to
/// the node that holds it.
#[wasm_bindgen]
pub fn remove_hook(h: i32, hook: u32) -> i32 {
    match tensor(h) {
        Ok(t) => answer(t.remove_hook(HookId(hook)).map(i32::from)),
        Err(_) => 0,
    }
}

/// A pair of pack and unpack hooks.
struct Packing(u32);

impl SavedHooks for Packing {
    fn id(&self) -> u32 {
        self.0
    }

    fn pack(&self, t: &Tensor) -> Result<u32> {
        let handle = new_handle(t.clone())?;
        let key = with_host(|host| host.pack(self.0, handle)).unwrap_or(THREW);
        u32::try_from(key).map_err(|_| callback_failed())
    }

    fn unpack(&self, key: u32) -> Result<Tensor> {
        let handle = with_host(|host| host.unpack(key)).unwrap_or(THREW);
        if handle <= 0 {
            return Err(callback_failed());
        }
        let t = tensor(handle);
        release(handle);
        t
    }

    fn forget(&self, key: u32) {
        with_host(|host| host.forget_packed(key));
    }
}

/// From now on what nodes save goes through the hooks `id`.
#[wasm_bindgen]
pub fn push_saved_hooks(id: u32) {
    hooks::push_saved_hooks(Rc::new(Packing(id)));
}

/// Ends [`push_saved_hooks`] of the hooks `id`.
#[wasm_bindgen]
pub fn remove_saved_hooks(id: u32) {
    hooks::remove_saved_hooks(id);
}
