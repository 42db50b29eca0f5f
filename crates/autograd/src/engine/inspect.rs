//! Looking at a graph: its nodes, the values that flowed through it, and the gradients that flow
//! back.

use crate::dispatch::dispatch;
use crate::engine;
use crate::graph::modes::GradMode;
use crate::graph::node::{Edge, Node, NodeKind};
use crate::graph::saved::{self, Opened};
use crate::graph::tensor::Tensor;
use crate::op::Class;
use adjoint_tensor::{Array, Error, Result};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// The nodes a tensor depends on.
#[derive(Debug, Default)]
pub struct Graph {
    /// The nodes, those of inputs before those that use them.
    pub nodes: Vec<Rc<Node>>,
    places: HashMap<*const Node, usize>,
}

/// An output of a node: the node's place in [`Graph::nodes`], and which output.
pub type Place = (usize, u32);

impl Graph {
    /// All nodes `roots` depend on.
    pub fn of(roots: &[Tensor]) -> Result<Graph> {
        let mut graph = Graph::default();
        let mut stack: Vec<Rc<Node>> = Vec::new();
        for root in roots {
            let edge = root.edge()?.ok_or_else(|| {
                Error::autograd(
                    "a tensor does not require grad and has no graph; call requiresGrad_() on its inputs first",
                )
            })?;
            stack.push(edge.node);
        }
        while let Some(node) = stack.pop() {
            if graph.places.insert(Rc::as_ptr(&node), 0).is_none() {
                stack.extend(node.next().iter().flatten().map(|e| e.node.clone()));
                graph.nodes.push(node);
            }
        }
        // A node's inputs are older; accumulators, all numbered 0, depend on nothing.
        graph.nodes.sort_by_key(|n| n.sequence());
        for (i, node) in graph.nodes.iter().enumerate() {
            graph.places.insert(Rc::as_ptr(node), i);
        }
        Ok(graph)
    }

    /// Where the tensor of an edge is.
    pub fn place(&self, edge: &Edge) -> Option<Place> {
        self.places.get(&Rc::as_ptr(&edge.node)).map(|&i| (i, edge.index))
    }

    /// The values of outputs: those of `known` tensors, of leaves, of what nodes saved, and what
    /// follows from these by computing again. Others are absent: a sum keeps neither of its
    /// operands, and an operand without gradient has no node.
    pub fn values(&self, known: &[Tensor]) -> Result<HashMap<Place, Tensor>> {
        let _off = GradMode::set(false);
        let mut values = HashMap::new();
        for t in known {
            if let Some(place) = t.edge()?.and_then(|e| self.place(&e)) {
                values.insert(place, t.detach());
            }
        }
        for (i, node) in self.nodes.iter().enumerate() {
            match &node.kind {
                NodeKind::Accumulate(leaf) => {
                    values.insert((i, 0), leaf.detach());
                }
                NodeKind::Op(record) => {
                    let set = record.saved.borrow();
                    for (at, saved) in set.iter() {
                        let place = match at {
                            saved::Role::Input(k) => node.next()[k as usize].as_ref().and_then(|e| self.place(e)),
                            saved::Role::Output(o) => Some((i, u32::from(o))),
                        };
                        let Some(place) = place else { continue };
                        // What was modified since, or packed away, is not shown.
                        if let Ok(Opened::Tensor(t)) = saved.open(node) {
                            values.entry(place).or_insert_with(|| t.detach());
                        }
                    }
                }
                _ => {}
            }
        }
        for (i, node) in self.nodes.iter().enumerate() {
            self.compute(i, node, &mut values);
        }
        Ok(values)
    }

    /// Computes the outputs of a node from the values of its inputs, where all are there.
    fn compute(&self, i: usize, node: &Rc<Node>, values: &mut HashMap<Place, Tensor>) {
        let Some((op, attrs)) = node.op() else { return };
        if values.contains_key(&(i, 0)) || op.class == Class::Random {
            return;
        }
        let inputs: Option<Vec<Tensor>> =
            node.next().iter().map(|e| values.get(&self.place(e.as_ref()?)?).cloned()).collect();
        let Some(inputs) = inputs else { return };
        let refs: Vec<Option<&Tensor>> = inputs.iter().map(Some).collect();
        if let Ok(outputs) = dispatch(op, &refs, attrs.clone()) {
            for (o, t) in outputs.into_iter().enumerate() {
                values.insert((i, o as u32), t);
            }
        }
    }

    /// The gradients of all outputs when those of `roots` are 1. Nothing is accumulated and the
    /// graph is kept.
    pub fn gradients(&self, roots: &[Tensor]) -> Result<HashMap<Place, Tensor>> {
        let mut places = Vec::new();
        let mut stand_ins = Vec::new();
        for (i, node) in self.nodes.iter().enumerate() {
            for index in 0..node.outputs().len() as u32 {
                let edge = Edge { node: node.clone(), index };
                // Only its edge is read.
                stand_ins.push(Tensor::with_edge(Array::empty(&[0], edge.meta().dtype)?, Some(edge)));
                places.push((i, index));
            }
        }
        let mut seeds = Vec::with_capacity(roots.len());
        for root in roots {
            seeds.push(Some(Tensor::from_array(Array::full(
                root.shape(),
                root.dtype(),
                adjoint_tensor::Scalar::Float(1.0),
            )?)));
        }
        let found = engine::grad(roots, &seeds, &stand_ins, true, false, true)?;
        Ok(places.into_iter().zip(found).filter_map(|(place, g)| Some((place, g?))).collect())
    }
}

/// Where a node keeps a tensor: input `i` of the call, or its output `-1 - i`.
pub type Kept = i32;

/// What a node may keep for its derivative, by PyTorch's names without `_saved_`. Nodes of ops of lists have no names for it.
pub fn kept_names(node: &Node) -> Vec<(&'static str, String, Kept)> {
    let NodeKind::Op(record) = &node.kind else { return Vec::new() };
    let op = record.op;
    let of = |masks: &[u8]| masks.iter().fold(0, |all, mask| all | mask);
    let (inputs, outputs) = (of(op.saves.inputs), of(op.saves.outputs));
    let tensors = op.args.iter().filter(|arg| arg.kind.is_tensor());
    if tensors.clone().any(|arg| arg.kind.is_list()) {
        return Vec::new();
    }
    let named = |ours: &'static str, otherwise: String| {
        let stated = op.shown.saved.iter().find(|(name, _)| *name == ours);
        stated.map_or(otherwise, |(_, theirs)| (*theirs).to_string())
    };
    let is_kept = |mask: u8, i: usize| i < 8 && mask >> i & 1 == 1;
    let of_inputs = tensors.enumerate().filter(|(i, _)| is_kept(inputs, *i)).map(|(i, arg)| {
        let usual = if arg.name == "input" { "self" } else { arg.name };
        (arg.name, named(arg.name, usual.to_string()), i as Kept)
    });
    let count = op.outputs.len() + op.hidden_outputs;
    let of_outputs = (0..count).filter(|i| is_kept(outputs, *i)).map(|i| {
        let ours = op.outputs.get(i).copied().unwrap_or("");
        let usual = match ours {
            "out" if count == 1 => "result".to_string(),
            "" | "out" => format!("result{i}"),
            _ => ours.to_string(),
        };
        (ours, named(ours, usual), -1 - i as Kept)
    });
    of_inputs.chain(of_outputs).collect()
}

/// Whether what is kept is a number and no tensor, as where PyTorch has an overload for a number.
pub fn is_kept_number(node: &Node, at: Kept) -> bool {
    match &node.kind {
        NodeKind::Op(record) => !record.op.shown.lists_numbers && (0..8).contains(&at) && record.numbers >> at & 1 == 1,
        _ => false,
    }
}

/// A tensor that a node keeps; `None` where no gradient that is wanted reads it.
///
/// # Errors
/// A backward pass has freed what the node kept, or the tensor was written since.
pub fn kept(node: &Rc<Node>, at: Kept) -> Result<Option<Tensor>> {
    let NodeKind::Op(record) = &node.kind else { return Ok(None) };
    let opened = {
        let set = record.saved.borrow();
        if set.freed {
            return Err(saved::freed());
        }
        let found = if at < 0 { set.output((-1 - at) as usize) } else { set.input(at as usize) };
        found.map(|saved| saved.open(node)).transpose()?
    };
    // Nothing is borrowed while hooks unpack it.
    opened.map(Opened::finish).transpose()
}

/// Whether `t` depends on a leaf that requires grad and is not one a function transform made for
/// itself.
pub fn depends_on_user_leaves(t: &Tensor) -> Result<bool> {
    let Some(edge) = t.edge()? else { return Ok(false) };
    let mut seen = HashSet::new();
    let mut stack = vec![edge.node];
    while let Some(node) = stack.pop() {
        match node.variable() {
            Some(leaf) if !leaf.is_of_transform() => return Ok(true),
            _ => {}
        }
        if seen.insert(Rc::as_ptr(&node)) {
            stack.extend(node.next().iter().flatten().map(|e| e.node.clone()));
        }
    }
    Ok(false)
}
