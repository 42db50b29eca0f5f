//! Nodes of the graph, as JavaScript sees them: what they are, and hooks on them.

use crate::abi::callback::NODE_UNCHANGED;
use crate::callbacks::{callback_failed, forget, node_hook};
use crate::describe;
use crate::errors::{answer, fail, quoted};
use crate::handles::{self, new_handle, new_node_handle, release, tensor};
use crate::new_handles::NewHandles;
use crate::scratch::{self, Words};
use adjoint_autograd::hooks::{HookId, NodeHook};
use adjoint_autograd::{Edge, Node, Tensor, context, inspect};
use adjoint_ops::naming::camel_case;
use adjoint_tensor::scratch::with_room;
use adjoint_tensor::{Array, Error, Result};
use std::rc::Rc;
use wasm_bindgen::prelude::wasm_bindgen;

/// The node that made the tensor, or 0.
#[wasm_bindgen]
pub fn grad_fn(h: i32) -> i32 {
    answer(tensor(h).and_then(|t| t.grad_fn()).and_then(|edge| edge.map_or(Ok(0), |e: Edge| new_node_handle(e.node))))
}

/// The name of the node that made the tensor; empty for leaves.
#[wasm_bindgen]
pub fn grad_fn_name(h: i32) -> String {
    match tensor(h).and_then(|t| t.grad_fn()) {
        Ok(edge) => edge.map_or_else(String::new, |e| e.node.name()),
        Err(e) => {
            fail(e);
            String::new()
        }
    }
}

/// The name of a node.
#[wasm_bindgen]
pub fn node_name(node: i32) -> String {
    handles::node(node).map_or_else(|_| String::new(), |n| n.name())
}

/// A number that two handles share where they name the same node, as long as one of them is held.
#[wasm_bindgen]
pub fn node_key(node: i32) -> f64 {
    handles::node(node).map_or(0.0, |n| Rc::as_ptr(&n) as usize as f64)
}

/// How many inputs the node has; handles of their nodes (0 where no gradient is wanted) and which
/// output each is are in the scratch area, two words each.
#[wasm_bindgen]
pub fn node_next(node: i32) -> i32 {
    answer(handles::node(node).and_then(|n| {
        let mut next: Vec<(i32, u32)> = with_room(n.next().len())?;
        scratch::reserve(2 * n.next().len())?;
        for edge in n.next_functions() {
            let made = edge.as_ref().map_or(Ok((0, 0)), |e| Ok((new_node_handle(e.node.clone())?, e.index)));
            // If one cannot be had, those before it are given back.
            next.push(made.inspect_err(|_| next.iter().for_each(|&(h, _)| release_node(h)))?);
        }
        scratch::write(2 * next.len(), |out| {
            for (h, index) in &next {
                out.put(f64::from(*h));
                out.put(f64::from(*index));
            }
        })?;
        Ok(next.len() as i32)
    }))
}

/// The leaf a node accumulates into, or 0.
#[wasm_bindgen]
pub fn node_variable(node: i32) -> i32 {
    answer(handles::node(node).and_then(|n| n.variable().map_or(Ok(0), |t| new_handle(t.clone()))))
}

/// What a node may keep for its derivative, as JSON: `tensors`, each with PyTorch's name, where it
/// is, and whether it is a number, and `attributes`, the other arguments of the call by name. Empty
/// for what is no op.
#[wasm_bindgen]
pub fn node_kept_names(node: i32) -> String {
    handles::node(node).map_or_else(|_| String::new(), |n| kept_json(&n))
}

fn kept_json(node: &Node) -> String {
    let Some((op, attrs)) = node.op() else { return String::new() };
    let tensors: Vec<String> = inspect::kept_names(node)
        .into_iter()
        .map(|(_, name, at)| format!("[{},{at},{}]", quoted(&camel_case(&name)), inspect::is_kept_number(node, at)))
        .collect();
    let attributes: Vec<String> = op
        .args
        .iter()
        .filter(|arg| !arg.kind.is_tensor())
        .zip(&attrs.0)
        .map(|(arg, attr)| format!("{}:{}", quoted(&camel_case(arg.name)), describe::json_attr(arg, attr)))
        .collect();
    format!(r#"{{"tensors":[{}],"attributes":{{{}}}}}"#, tensors.join(","), attributes.join(","))
}

/// What a node keeps there, or 0 where it keeps nothing.
#[wasm_bindgen]
pub fn node_kept(node: i32, at: i32) -> i32 {
    answer(handles::node(node).and_then(|n| inspect::kept(&n, at)).and_then(|t| t.map_or(Ok(0), new_handle)))
}

/// Gives the handle of a node back.
#[wasm_bindgen]
pub fn release_node(node: i32) {
    handles::release_node(node);
}

/// Where the gradient of a tensor is sent: the handle of a node, with the number of its output in
/// the scratch area.
#[wasm_bindgen]
pub fn gradient_edge(h: i32) -> i32 {
    answer(tensor(h).and_then(|t| t.edge()).and_then(|edge| {
        let edge = edge.ok_or_else(|| {
            Error::autograd(
                "it is not possible to get the gradient edge of a tensor that does not require gradients; \
                 call requiresGrad_() first",
            )
        })?;
        scratch::write_few(1, |out| out.put(f64::from(edge.index)));
        new_node_handle(edge.node)
    }))
}

/// A placeholder for output `index` of a node in a backward pass: of its shape and dtype, without
/// values of its own.
#[wasm_bindgen]
pub fn edge_tensor(node: i32, index: u32) -> i32 {
    let make = || {
        let node = handles::node(node)?;
        if let Some(leaf) = node.variable() {
            return new_handle(leaf.clone());
        }
        let count = node.outputs().len();
        let Some(meta) = node.outputs().get(index as usize) else {
            return Err(Error::index(format!("the node has {count} output(s), got output {index}")));
        };
        let zero = Array::zeros(&[], meta.dtype)?;
        let layout = zero.layout().expand(meta.shape())?;
        new_handle(Tensor::placeholder(zero.with_layout(layout)?, Edge { node: node.clone(), index }))
    };
    answer(make())
}

/// A callback that tells JavaScript when it is no longer needed.
struct Callback(u32);

impl Callback {
    fn run(&self, inputs: &[Option<Tensor>], outputs: &[Option<Tensor>]) -> Result<Option<Vec<Option<Tensor>>>> {
        let mut made = NewHandles::with_capacity(inputs.len() + outputs.len())?;
        for g in inputs.iter().chain(outputs) {
            made.push(g.as_ref().map_or(Ok(0), |g| new_handle(g.clone())))?;
        }
        let given = made.hand_out();
        scratch::write(given.len(), |out| given.iter().for_each(|&h| out.put(f64::from(h))))?;
        let count = node_hook(self.0, inputs.len(), outputs.len());
        if count == NODE_UNCHANGED {
            return Ok(None);
        }
        let count = usize::try_from(count).map_err(|_| callback_failed())?;
        let returned: Vec<i32> = scratch::read(count, |area| {
            let mut words = Words::new(area);
            (0..count).map(|_| words.int()).collect()
        });
        let mut replaced = Vec::with_capacity(count);
        for h in returned {
            replaced.push(if h == 0 { None } else { Some(tensor(h)?) });
            release(h);
        }
        Ok(Some(replaced))
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        forget(self.0);
    }
}

fn hook(id: u32) -> NodeHook {
    let callback = Callback(id);
    Rc::new(move |inputs, outputs| callback.run(inputs, outputs))
}

/// Runs callback `id` before the node does (`before`) or after it did; returns the hook's number.
#[wasm_bindgen]
pub fn register_node_hook(node: i32, id: u32, before: bool) -> i32 {
    let hook = hook(id);
    answer(handles::node(node).map(|n| if before { n.add_pre_hook(hook) } else { n.add_post_hook(hook) }.0 as i32))
}

/// Removes a hook from a node.
#[wasm_bindgen]
pub fn remove_node_hook(node: i32, hook: u32) {
    if let Ok(n) = handles::node(node) {
        n.remove_node_hook(HookId(hook));
    }
}

/// Watches the gradients of the tensors whose `n` handles are in the scratch area together; returns
/// the group's number.
#[wasm_bindgen]
pub fn watch_group(n: usize) -> i32 {
    let handles: Vec<i32> = scratch::read(n, |area| {
        let mut words = Words::new(area);
        (0..n).map(|_| words.int()).collect()
    });
    let watch = || {
        let mut edges = Vec::with_capacity(n);
        for h in handles {
            edges.push(tensor(h)?.edge()?.ok_or_else(|| {
                Error::autograd("expected all tensors to require gradients; call requiresGrad_() first")
            })?);
        }
        Ok(context::watch_group(edges) as i32)
    };
    answer(watch())
}

/// Ends [`watch_group`].
#[wasm_bindgen]
pub fn forget_group(id: u32) {
    context::forget_group(id);
}

/// Writes for each member of a group whether the current backward pass reaches it, and returns how
/// many passes are running.
#[wasm_bindgen]
pub fn group_passes(id: u32) -> usize {
    let passes = context::passes(id);
    scratch::write(passes.len(), |out| passes.iter().for_each(|&p| out.put(f64::from(u8::from(p)))))
        .expect("watch_group() was given as many words");
    context::depth()
}

/// Whether the current backward pass accumulates into every leaf it reaches.
#[wasm_bindgen]
pub fn walk_is_unrestricted() -> bool {
    context::is_unrestricted()
}

/// Raises the version of the tensor's storage, which was written without an op.
#[wasm_bindgen]
pub fn increment_version(h: i32) -> i32 {
    answer(tensor(h).map(|t| {
        t.array().storage().bump_version();
        0
    }))
}
