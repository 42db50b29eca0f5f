//! The graph behind tensors, as JSON.

use crate::abi::graph::{GRADIENTS, VALUES};
use crate::decode::default_attr;
use crate::describe;
use crate::errors::{fail, quoted};
use crate::handles::tensor;
use crate::scratch::{self, Words};
use adjoint_autograd::inspect::{Graph, Place};
use adjoint_autograd::{Node, Tensor};
use adjoint_graph::lazy;
use adjoint_ops::naming::{camel_case, shown};
use adjoint_tensor::{DType, Result};
use std::collections::HashMap;
use wasm_bindgen::prelude::wasm_bindgen;

/// What the scratch area says is wanted.
struct Wanted {
    flags: i32,
    /// Values of more elements are left out.
    most: usize,
    roots: Vec<Tensor>,
    known: Vec<Tensor>,
}

impl Wanted {
    /// Reads `flags, most elements, n roots, roots…, n known, known…`.
    fn read(words: &mut Words) -> Result<Wanted> {
        let list = |words: &mut Words| (0..words.count()).map(|_| tensor(words.int())).collect::<Result<Vec<_>>>();
        let (flags, most) = (words.int(), words.take() as usize);
        Ok(Wanted { flags, most, roots: list(words)?, known: list(words)? })
    }
}

/// The graph as JSON: `nodes`, those of inputs first, each with `name`, `op` (null where it is none
/// of the table), `attributes`, `inputs` as pairs of node and output or null, `outputs` with dtype,
/// shape, and value and grad on request, `savedBytes` and `isLeaf`; `roots` and `known` as pairs.
/// Empty on failure.
#[wasm_bindgen]
pub fn graph_json(words: usize) -> String {
    let wanted = scratch::read(words, |area| Wanted::read(&mut Words::new(area)));
    match wanted.and_then(|wanted| json(&wanted)) {
        Ok(text) => text,
        Err(e) => {
            fail(e.in_op("graph"));
            String::new()
        }
    }
}

fn json(wanted: &Wanted) -> Result<String> {
    let graph = Graph::of(&wanted.roots)?;
    let all: Vec<Tensor> = wanted.roots.iter().chain(&wanted.known).cloned().collect();
    let values = if wanted.flags & VALUES == 0 { HashMap::new() } else { graph.values(&all)? };
    let grads = if wanted.flags & GRADIENTS == 0 { HashMap::new() } else { graph.gradients(&wanted.roots)? };
    let parts = Parts::of(&graph, &wanted.roots)?;
    let pair = |place: Option<Place>| pair(place.and_then(|place| parts.shown(place)));
    let nodes: Vec<String> = graph
        .nodes
        .iter()
        .enumerate()
        .filter(|(i, _)| !parts.is_hidden(*i))
        .map(|(i, node)| {
            let members = &parts.members[i];
            let inputs = match &members[..] {
                [_] => node.next().iter().map(|e| pair(e.as_ref().and_then(|e| graph.place(e)))).collect(),
                _ => parts.inputs(&graph, members).into_iter().map(|place| pair(Some(place))).collect::<Vec<_>>(),
            };
            let outputs = node.outputs().iter().enumerate().map(|(o, meta)| {
                let at = (i, o as u32);
                let numbers = |name: &str, from: &HashMap<Place, Tensor>| {
                    let shown = from.get(&at).filter(|t| t.numel() <= wanted.most).and_then(numbers);
                    shown.map_or(String::new(), |text| format!(r#","{name}":{text}"#))
                };
                let (dtype, shape) = (meta.dtype.name(), meta.shape());
                format!(
                    r#"{{"dtype":"{dtype}","shape":{shape:?}{}{}}}"#,
                    numbers("value", &values),
                    numbers("grad", &grads)
                )
            });
            format!(
                r#"{{"name":{},{},"inputs":[{}],"outputs":[{}],"savedBytes":{},"isLeaf":{}}}"#,
                quoted(&node.name()),
                call(node),
                joined(inputs),
                joined(outputs),
                members.iter().map(|&j| graph.nodes[j].saved_bytes()).sum::<usize>(),
                node.variable().is_some()
            )
        })
        .collect();
    let places = |tensors: &[Tensor]| -> Result<String> {
        let places: Result<Vec<String>> =
            tensors.iter().map(|t| Ok(pair(t.edge()?.and_then(|e| graph.place(&e))))).collect();
        Ok(joined(places?))
    };
    let (roots, known) = (places(&wanted.roots)?, places(&wanted.known)?);
    Ok(format!(r#"{{"nodes":[{}],"roots":[{roots}],"known":[{known}]}}"#, nodes.join(",")))
}

/// The nodes that composites made, which are shown as one: that of the result.
struct Parts {
    /// Of each node, that it is shown by, where that is another one.
    owners: Vec<Option<usize>>,
    /// Of each node that is shown, those it stands for, itself the first.
    members: Vec<Vec<usize>>,
    /// Of each node, its number among those that are shown.
    numbers: Vec<usize>,
}

impl Parts {
    fn of(graph: &Graph, roots: &[Tensor]) -> Result<Parts> {
        let count = graph.nodes.len();
        let mut readers: Vec<Vec<usize>> = vec![Vec::new(); count];
        for (i, node) in graph.nodes.iter().enumerate() {
            for (j, _) in node.next().iter().flatten().filter_map(|e| graph.place(e)) {
                readers[j].push(i);
            }
        }
        let mut is_root = vec![false; count];
        for root in roots {
            if let Some((i, _)) = root.edge()?.and_then(|e| graph.place(&e)) {
                is_root[i] = true;
            }
        }
        let mut owners: Vec<Option<usize>> = vec![None; count];
        let mut members: Vec<Vec<usize>> = (0..count).map(|i| vec![i]).collect();
        for i in (0..count).rev() {
            let node = &graph.nodes[i];
            if owners[i].is_some() || node.inside() == 0 {
                continue;
            }
            let first = node.sequence() - node.inside();
            let mut found = vec![i];
            let mut next = 0;
            while next < found.len() {
                let edges = graph.nodes[found[next]].next().iter().flatten();
                for (j, _) in edges.filter_map(|e| graph.place(e)) {
                    if graph.nodes[j].sequence() >= first && !found.contains(&j) {
                        found.push(j);
                    }
                }
                next += 1;
            }
            // What something else reads is shown.
            let is_closed = found[1..].iter().all(|&j| !is_root[j] && readers[j].iter().all(|r| found.contains(r)));
            if is_closed {
                for &j in &found[1..] {
                    owners[j] = Some(i);
                }
                members[i] = found;
            }
        }
        let mut shown = 0;
        let numbers = owners
            .iter()
            .map(|owner| {
                shown += usize::from(owner.is_none());
                shown.saturating_sub(1)
            })
            .collect();
        Ok(Parts { owners, members, numbers })
    }

    fn is_hidden(&self, i: usize) -> bool {
        self.owners[i].is_some()
    }

    /// What these read of others, each once.
    fn inputs(&self, graph: &Graph, members: &[usize]) -> Vec<Place> {
        let mut places = Vec::new();
        for &i in members.iter().rev() {
            for place in graph.nodes[i].next().iter().flatten().filter_map(|e| graph.place(e)) {
                if !members.contains(&place.0) && !places.contains(&place) {
                    places.push(place);
                }
            }
        }
        places
    }

    /// A place by the number of its node among those that are shown.
    fn shown(&self, (node, output): Place) -> Option<Place> {
        (!self.is_hidden(node)).then(|| (self.numbers[node], output))
    }
}

fn joined(items: impl IntoIterator<Item = String>) -> String {
    items.into_iter().collect::<Vec<_>>().join(",")
}

fn pair(place: Option<Place>) -> String {
    place.map_or_else(|| "null".to_string(), |(node, output)| format!("[{node},{output}]"))
}

/// The op and its arguments other than tensors, where they are not the default.
fn call(node: &Node) -> String {
    let Some((op, attrs)) = node.op() else { return r#""op":null,"attributes":{}"#.to_string() };
    if let Some(label) = node.label() {
        return format!(r#""op":{},"attributes":{{}}"#, quoted(&shown(label.op.shown_name())));
    }
    let args = op.args.iter().filter(|arg| !arg.kind.is_tensor()).zip(&attrs.0);
    let attributes = args
        .filter(|(arg, attr)| **attr != default_attr(arg))
        .map(|(arg, attr)| format!("{}:{}", quoted(&camel_case(arg.name)), quoted(&describe::attr(arg, attr))));
    format!(r#""op":{},"attributes":{{{}}}"#, quoted(&shown(&op.called(false))), joined(attributes))
}

/// The elements, row-major; those JSON has no numbers for as text.
fn numbers(t: &Tensor) -> Option<String> {
    lazy::ready(t).ok()?;
    let values = t.array().to_vec_f64().ok()?;
    let text = values.into_iter().map(|v| match v {
        v if v.is_nan() => quoted("NaN"),
        v if v.is_infinite() => quoted(if v > 0.0 { "Infinity" } else { "-Infinity" }),
        v if t.dtype() == DType::Float32 => (v as f32).to_string(),
        v => v.to_string(),
    });
    Some(format!("[{}]", joined(text)))
}
