//! The walk back through the graph.
//!
//! 1. Find every node reachable from the roots with an explicit stack, and count for each how many gradients it waits
//!    for.
//! 2. Take the ready node with the highest creation number, call its derivative, check and add what it returns to its
//!    inputs' nodes. A node's inputs are older than it, so numbers order the walk; accumulators run as soon as they can.
//! 3. Missing gradients stay absent; the first to arrive is moved in, later ones are added, in place where nobody else
//!    sees it.
//!
//! The engine's state of a node is found through `Node::slot`, an index into the running task that is trusted only if
//! the task's entry there is this node. Walks may nest (a hook or a checkpoint may start one), so a finished walk puts
//! the slots it took back.

pub mod abandoned;
pub(crate) mod chain;
pub mod checkpoint;
pub mod context;
mod copy_slices;
pub mod inspect;

use crate::engine::context::Running;
use crate::graph::modes;
use crate::graph::node::{Edge, Node, NodeKind, OutMeta};
use crate::graph::tensor::Tensor;
use crate::graph::trace;
use crate::op::backward::{Backward, Grads};
use crate::op::required;
use crate::transforms::capture;
use crate::transforms::profile::Span;
use adjoint_tensor::{Array, Error, Result, Scalar, dims, order};
use smallvec::SmallVec;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::rc::Rc;

struct Entry {
    node: Rc<Node>,
    old_slot: u32,
    /// Gradients still to come.
    waiting: u32,
    /// Whether the walk needs this node: always, or only on paths to wanted inputs.
    needed: bool,
    grads: SmallVec<[Option<Tensor>; 1]>,
    /// Outputs of this node whose gradient is the result: (output, index of the wanted input).
    captures: SmallVec<[(u32, usize); 1]>,
}

/// The nodes whose gradients are complete, newest first. In a chain there is never more than one, which needs no heap.
///
/// Accumulators go before all others, as in PyTorch: a leaf has its gradient, and its hooks have run, as soon as it can.
/// Among several, the one that was ready first.
#[derive(Default)]
struct Ready {
    only: Option<Waiting>,
    others: BinaryHeap<Waiting>,
    pushed: u32,
}

/// Priority, order of arrival, place.
type Waiting = (u64, Reverse<u32>, usize);

impl Ready {
    fn push(&mut self, node: &Node, slot: usize) {
        let priority = if matches!(node.kind, NodeKind::Accumulate(_)) { u64::MAX } else { node.number };
        let node = (priority, Reverse(self.pushed), slot);
        self.pushed = self.pushed.wrapping_add(1);
        if self.only.is_none() && self.others.is_empty() {
            self.only = Some(node);
        } else {
            self.others.extend(self.only.take());
            self.others.push(node);
        }
    }

    fn pop(&mut self) -> Option<usize> {
        self.only.take().or_else(|| self.others.pop()).map(|(_, _, slot)| slot)
    }
}

struct Task {
    entries: Vec<Entry>,
    keep_graph: bool,
    create_graph: bool,
    captured: Vec<Option<Tensor>>,
    /// Whether leaves' `.grad` is written.
    accumulate: bool,
    /// Whether only some inputs are wanted.
    restricted: bool,
}

impl Drop for Task {
    fn drop(&mut self) {
        for entry in self.entries.iter().rev() {
            entry.node.slot.set(entry.old_slot);
        }
    }
}

/// Adds the gradients of `roots` to the `.grad` of leaves: all of them, or just `inputs`.
///
/// `grads[i]` is the gradient of root `i`; `None` stands for 1 and is allowed for one-element roots only.
pub fn backward(
    roots: &[Tensor],
    grads: &[Option<Tensor>],
    keep_graph: bool,
    create_graph: bool,
    inputs: Option<&[Tensor]>,
) -> Result<()> {
    capture::refuse(capture::BACKWARD)?;
    let mut seeds = seeds(roots, grads, create_graph)?;
    let Some(inputs) = inputs else {
        if !create_graph {
            seeds = chain::descend(seeds, keep_graph)?;
            if seeds.is_empty() {
                return Ok(());
            }
        }
        let mut task = Task::new(keep_graph, create_graph, true);
        return task.walk(seeds, &[]);
    };
    if inputs.is_empty() {
        return Err(Error::usage("the inputs of backward() cannot be empty; leave them out to reach every leaf"));
    }
    for input in inputs.iter().filter(|input| !input.is_leaf()) {
        // Its node fills `.grad` as the walk passes.
        input.retain_grad()?;
    }
    let found = wanted(seeds, inputs, keep_graph, create_graph)?;
    for (input, g) in inputs.iter().zip(found) {
        if let (Some(g), true) = (g, input.is_leaf()) {
            accumulate(input, g, create_graph)?;
        }
    }
    Ok(())
}

/// The gradients of `outputs` with respect to `inputs`, without touching any `.grad`.
pub fn grad(
    outputs: &[Tensor],
    grads: &[Option<Tensor>],
    inputs: &[Tensor],
    keep_graph: bool,
    create_graph: bool,
    allow_unused: bool,
) -> Result<Vec<Option<Tensor>>> {
    capture::refuse(capture::BACKWARD)?;
    if inputs.is_empty() {
        return Err(Error::usage("grad() needs at least one input"));
    }
    let seeds = seeds(outputs, grads, create_graph)?;
    let found = wanted(seeds, inputs, keep_graph, create_graph)?;
    if !allow_unused && let Some(i) = found.iter().position(Option::is_none) {
        return Err(Error::autograd(format!(
            "the differentiated tensor at index {i} appears to not have been used in the graph; \
                 set allowUnused: true if this is the desired behavior"
        )));
    }
    Ok(found)
}

fn wanted(seeds: Vec<(Edge, Tensor)>, inputs: &[Tensor], keep: bool, create: bool) -> Result<Vec<Option<Tensor>>> {
    let mut edges = Vec::with_capacity(inputs.len());
    for input in inputs {
        edges.push(input.edge()?.ok_or_else(|| {
            Error::autograd(
                "one of the differentiated tensors does not require grad; call requiresGrad_() before using it",
            )
        })?);
    }
    let mut task = Task::new(keep, create, false);
    task.captured = vec![None; inputs.len()];
    task.walk(seeds, &edges)?;
    Ok(std::mem::take(&mut task.captured))
}

/// Checks the gradients given for the roots and supplies missing ones.
fn seeds(roots: &[Tensor], grads: &[Option<Tensor>], create_graph: bool) -> Result<Vec<(Edge, Tensor)>> {
    if !grads.is_empty() && grads.len() != roots.len() {
        return Err(Error::usage(format!("got {} tensors and {} gradients", roots.len(), grads.len())));
    }
    let mut seeds = Vec::with_capacity(roots.len());
    for (i, root) in roots.iter().enumerate() {
        let given = grads.get(i).and_then(Option::as_ref);
        if let Some(g) = given {
            if g.shape() != root.shape() {
                return Err(no_seed(i, root, given));
            }
        } else if root.requires_grad() && root.numel() != 1 {
            return Err(no_seed(i, root, given));
        }
        let Some(edge) = root.edge()? else { return Err(no_seed(i, root, None)) };
        let g = match given {
            Some(g) => {
                let g = if create_graph { g.clone() } else { g.detach().with_wrap(g.wrap().cloned()) };
                if g.dtype() == root.dtype() { g } else { (required::get().cast)(&g, root.dtype())? }
            }
            None => Tensor::from_array(Array::full(root.shape(), root.dtype(), Scalar::Float(1.0))?),
        };
        seeds.push((edge, g));
    }
    Ok(seeds)
}

/// Why root `i` cannot start from this gradient.
#[cold]
#[inline(never)]
fn no_seed(i: usize, root: &Tensor, given: Option<&Tensor>) -> Error {
    match given {
        Some(g) => Error::shape(format!(
            "mismatch in shape: gradient[{i}] has shape {:?} and output[{i}] has shape {:?}",
            g.shape(),
            root.shape()
        )),
        None if root.requires_grad() && root.numel() != 1 => Error::autograd(format!(
            "needs a scalar or a gradient argument, got shape {:?}: grad can be implicitly created only for scalar \
             outputs; call sum() or pass gradient",
            root.shape()
        )),
        None => Error::autograd(format!(
            "element {i} of tensors does not require grad and does not have a gradFn; \
             call requiresGrad_() on the inputs before computing it"
        )),
    }
}

impl Task {
    fn new(keep_graph: bool, create_graph: bool, accumulate: bool) -> Self {
        Task {
            entries: Vec::with_capacity(32),
            keep_graph,
            create_graph,
            captured: Vec::new(),
            accumulate,
            restricted: false,
        }
    }

    #[inline]
    fn find(&self, node: &Rc<Node>) -> Option<usize> {
        let slot = node.slot.get() as usize;
        self.entries.get(slot).is_some_and(|e| Rc::ptr_eq(&e.node, node)).then_some(slot)
    }

    /// The entry of a node, made on first sight.
    fn visit(&mut self, node: &Rc<Node>) -> (usize, bool) {
        if let Some(slot) = self.find(node) {
            return (slot, false);
        }
        let slot = self.entries.len();
        let old_slot = node.slot.replace(slot as u32);
        self.entries.push(Entry {
            node: node.clone(),
            old_slot,
            waiting: 0,
            needed: true,
            grads: SmallVec::new(),
            captures: SmallVec::new(),
        });
        (slot, true)
    }

    fn walk(&mut self, seeds: Vec<(Edge, Tensor)>, wanted: &[Edge]) -> Result<()> {
        let _span = Span::walk();
        let _mode = modes::GradMode::set(self.create_graph);
        let mut roots: SmallVec<[usize; 1]> = SmallVec::new();
        let mut stack: Vec<usize> = Vec::new();
        for (edge, g) in seeds {
            let (slot, new) = self.visit(&edge.node);
            if new {
                stack.push(slot);
                roots.push(slot);
            }
            self.add(slot, edge.index, g)?;
        }
        while let Some(slot) = stack.pop() {
            let node = self.entries[slot].node.clone();
            for edge in node.edges.iter().flatten() {
                let (next, new) = self.visit(&edge.node);
                self.entries[next].waiting += 1;
                if new {
                    stack.push(next);
                }
            }
        }
        if !wanted.is_empty() {
            self.restricted = true;
            self.restrict(wanted);
        }
        let _walk = Running::begin(wanted.is_empty(), |node| {
            self.find(node).is_some_and(|s| self.entries[s].needed || !self.entries[s].captures.is_empty())
        });
        let mut ready = Ready::default();
        for slot in roots {
            if self.entries[slot].waiting == 0 {
                ready.push(&self.entries[slot].node, slot);
            }
        }
        while let Some(slot) = ready.pop() {
            let node = self.entries[slot].node.clone();
            let produced = self.step(slot, &node)?;
            self.pass_on(&node, produced, &mut ready)?;
        }
        Ok(())
    }

    /// Adds what a node produced to the nodes of its inputs, each of which waits for one gradient less now, if for an absent one.
    fn pass_on(&mut self, node: &Rc<Node>, produced: Grads, ready: &mut Ready) -> Result<()> {
        let mut produced = produced.into_iter();
        for (i, edge) in node.edges.iter().enumerate() {
            let g = produced.next().flatten();
            let Some(edge) = edge else { continue };
            let Some(next) = self.find(&edge.node) else { continue };
            if let Some(g) = g {
                let g = validate(node, i, edge.meta(), g)?;
                self.add(next, edge.index, g)?;
            }
            let entry = &mut self.entries[next];
            entry.waiting -= 1;
            if entry.waiting == 0 {
                ready.push(&edge.node, next);
            }
        }
        Ok(())
    }

    /// Marks what the wanted gradients need: nodes from which a wanted edge's node can be reached. Apart from the walk, as all is that
    /// `backward()` does not need.
    #[inline(never)]
    fn restrict(&mut self, wanted: &[Edge]) {
        for entry in &mut self.entries {
            entry.needed = false;
        }
        for (i, edge) in wanted.iter().enumerate() {
            if let Some(slot) = self.find(&edge.node) {
                self.entries[slot].captures.push((edge.index, i));
            }
        }
        // Older nodes are decided before newer ones, so one pass in order of number is enough.
        let mut order: Vec<usize> = (0..self.entries.len()).collect();
        order.sort_unstable_by_key(|&slot| self.entries[slot].node.number);
        for slot in order {
            let node = self.entries[slot].node.clone();
            self.entries[slot].needed = node.edges.iter().flatten().any(|edge| {
                self.find(&edge.node).is_some_and(|s| self.entries[s].needed || !self.entries[s].captures.is_empty())
            });
        }
    }

    /// Runs one node with the gradients that arrived; returns those of its inputs.
    fn step(&mut self, slot: usize, node: &Rc<Node>) -> Result<Grads> {
        let entry = &mut self.entries[slot];
        let mut grads = std::mem::take(&mut entry.grads);
        let captures = std::mem::take(&mut entry.captures);
        let needed = entry.needed;
        if grads.iter().all(Option::is_none) {
            return Ok(Grads::new());
        }
        if !needed && captures.is_empty() {
            return Ok(Grads::new());
        }
        match &node.kind {
            NodeKind::Accumulate(leaf) => {
                if let Some(list) = leaf.leaf_hooks() {
                    grads[0] = grads[0].take().map(|g| list.run(g)).transpose()?;
                }
            }
            _ if node.has_hooks() => {
                for (index, g) in grads.iter_mut().enumerate() {
                    *g = g.take().map(|g| node.run_output_hooks(index as u32, g)).transpose()?;
                }
            }
            _ => {}
        }
        for (index, wanted) in captures {
            self.captured[wanted] = grads.get(index as usize).cloned().flatten();
        }
        if !needed {
            return Ok(Grads::new());
        }
        if node.has_hooks() {
            node.run_pre_hooks(&mut grads)?;
        }
        let seen = node.has_post_hooks().then(|| grads.clone());
        let mut produced = match &node.kind {
            NodeKind::Accumulate(leaf) => {
                // A leaf may have been frozen since the graph was made.
                if self.accumulate
                    && leaf.requires_grad()
                    && let Some(g) = grads[0].take()
                {
                    accumulate(leaf, g, self.create_graph)?;
                }
                Grads::new()
            }
            _ => {
                let found =
                    call(node, grads, &|i| self.wants(node, i), None).map_err(|e| trace::with_trace(e, node))?;
                if !self.keep_graph {
                    node.release();
                }
                found
            }
        };
        if let Some(seen) = seen {
            node.run_post_hooks(&mut produced, &seen)?;
        }
        if modes::anomaly().enabled && modes::anomaly().check_nan {
            check_nan(node, &produced)?;
        }
        Ok(produced)
    }

    fn wants(&self, node: &Rc<Node>, i: usize) -> bool {
        let edge = node.edges.get(i).and_then(Option::as_ref);
        if !self.restricted {
            return edge.is_some();
        }
        edge.is_some_and(|edge| {
            self.find(&edge.node).is_some_and(|s| {
                let entry = &self.entries[s];
                entry.needed || !entry.captures.is_empty()
            })
        })
    }

    /// Adds a gradient to those waiting for output `index` of a node.
    fn add(&mut self, slot: usize, index: u32, g: Tensor) -> Result<()> {
        let grads = &mut self.entries[slot].grads;
        let index = index as usize;
        if index == 0 && grads.is_empty() {
            grads.push(Some(g));
            return Ok(());
        }
        if grads.len() <= index {
            grads.resize(index + 1, None);
        }
        grads[index] = Some(match grads[index].take() {
            None => g,
            Some(sum) => add(sum, g, self.create_graph)?,
        });
        Ok(())
    }
}

/// `sum + g`, in place where neither can be seen by anybody else.
fn add(sum: Tensor, g: Tensor, create_graph: bool) -> Result<Tensor> {
    let ops = required::get();
    let plain = !create_graph && sum.wrap().is_none() && g.wrap().is_none();
    if plain && sum.dtype() == g.dtype() {
        if sum.is_unshared() && sum.array().is_dense() {
            (ops.add_in_place)(&sum, &g)?;
            return Ok(sum);
        }
        // The sum would have the strides of its first operand.
        if g.is_unshared() && g.array().is_dense() && g.array().strides() == sum.array().strides() {
            (ops.add_in_place)(&g, &sum)?;
            return Ok(g);
        }
    }
    (ops.add)(&sum, &g)
}

/// Calls a node's derivative.
pub(crate) fn call(
    node: &Rc<Node>,
    grads: SmallVec<[Option<Tensor>; 1]>,
    wanted: &dyn Fn(usize) -> bool,
    output_at: Option<Edge>,
) -> Result<Grads> {
    let _span = Span::node(|| node.name());
    match &node.kind {
        // Its inputs were windows opened while nothing was recorded: they require grad but lead nowhere.
        NodeKind::Op(_) if (0..node.edges.len()).all(|i| !wanted(i)) => Ok(Grads::new()),
        NodeKind::Op(record) => {
            let Some(vjp) = record.op.vjp.function() else {
                // An in-place op without a derivative: what it wrote does not depend on what was there.
                return node
                    .edges
                    .iter()
                    .enumerate()
                    .map(|(i, edge)| zeros(edge.as_ref().filter(|_| wanted(i))))
                    .collect();
            };
            let backward = Backward::new(node, &grads, wanted).expect("the node is an op's").with_output_at(output_at);
            vjp(&backward).map_err(|e| e.in_op(node.name().as_str()))
        }
        NodeKind::CopySlices(copy) => {
            let g = grads[0].as_ref().expect("a node runs only with a gradient");
            let written = if modes::grad_enabled() { copy.written(node)? } else { None };
            copy.backward(g, |inner, g| {
                // The window's own gradient is needed to overwrite it, whether or not the old base wants one.
                let all = |i: usize| i == 0 || wanted(i);
                call(inner, std::iter::once(Some(g)).collect(), &all, written)
            })
        }
        NodeKind::Custom(custom) => {
            let mut grads = grads;
            grads.resize(node.outputs.len(), None);
            custom.function.backward(node, &grads)
        }
        NodeKind::Accumulate(_) => unreachable!("accumulators are handled by the walk"),
    }
}

fn zeros(edge: Option<&Edge>) -> Result<Option<Tensor>> {
    edge.map(|e| Ok(Tensor::from_array(Array::zeros(e.meta().shape(), e.meta().dtype)?))).transpose()
}

/// Brings a gradient to the shape and dtype of what it is the gradient of, or says why it cannot be.
#[inline]
pub(crate) fn validate(node: &Node, i: usize, meta: &OutMeta, g: Tensor) -> Result<Tensor> {
    if meta.fits(g.array()) { Ok(g) } else { made_fit(node, i, meta, g) }
}

#[inline(never)]
fn made_fit(node: &Node, i: usize, meta: &OutMeta, g: Tensor) -> Result<Tensor> {
    let ops = required::get();
    let g = if g.shape() == meta.shape() {
        g
    } else {
        let fits = dims::broadcast(meta.shape(), g.shape()).is_ok_and(|s| s.as_slice() == g.shape());
        if !fits {
            return Err(Error::shape(format!(
                "function {} returned an invalid gradient at index {i} - got {:?} but expected shape compatible with {:?}",
                node.name(),
                g.shape(),
                meta.shape()
            )));
        }
        (ops.sum_to)(&g, meta.shape())?
    };
    if g.dtype() == meta.dtype { Ok(g) } else { (ops.cast)(&g, meta.dtype) }
}

#[cold]
#[inline(never)]
fn check_nan(node: &Rc<Node>, grads: &Grads) -> Result<()> {
    for (i, g) in grads.iter().enumerate() {
        if let Some(g) = g
            && let Some(at) = (required::get().find_nan)(g)?
        {
            return Err(trace::with_trace(
                Error::autograd(format!(
                    "function '{}' returned nan values in its {i}th output (first at element {at})",
                    node.name()
                )),
                node,
            ));
        }
    }
    Ok(())
}

/// A differentiable copy of `g` that suits a leaf. The very tensor may be another call's output: a change of `.grad` in place must not
/// reach it.
#[inline(never)]
fn differentiable_copy(leaf: &Tensor, g: &Tensor) -> Result<Tensor> {
    let copy = (required::get().clone)(g)?;
    if order::suits_leaf(leaf.array(), copy.array()) {
        return Ok(copy);
    }
    let copy = Tensor::from_array(Array::laid_out(order::of_leaf(leaf.array()), g.dtype())?);
    (required::get().copy_in_place)(&copy, g)?;
    Ok(copy)
}

/// The same for a leaf that was given other data.
#[cold]
#[inline(never)]
fn accumulate_in_current(leaf: &Tensor, g: Tensor, create_graph: bool) -> Result<()> {
    let current = leaf.current();
    if current.shape() != g.shape() {
        return Err(Error::shape(format!(
            "a leaf was given data of shape {:?} after the graph was made, which has a gradient of shape {:?} for it",
            current.shape(),
            g.shape()
        )));
    }
    accumulate(&current, g, create_graph)
}

/// Adds `g` to the `.grad` of a leaf (or of a tensor named as an input), then runs the hooks on that.
pub(crate) fn accumulate(leaf: &Tensor, g: Tensor, create_graph: bool) -> Result<()> {
    if leaf.is_replaced() {
        return accumulate_in_current(leaf, g, create_graph);
    }
    let ops = required::get();
    match leaf.grad() {
        None => {
            let grad = if create_graph {
                differentiable_copy(leaf, &g)?
            } else if g.is_unshared() && order::suits_leaf(leaf.array(), g.array()) {
                g
            } else {
                let grad = Array::laid_out(order::of_leaf(leaf.array()), g.dtype())?;
                grad.assign(g.array())?;
                Tensor::from_array(grad)
            };
            leaf.put_grad(Some(grad));
        }
        Some(old) if create_graph => leaf.put_grad(Some((ops.add)(&old, &g)?)),
        Some(old) => (ops.add_in_place)(&old, &g)?,
    }
    if let Some(list) = leaf.post_hooks() {
        list.run_on(leaf)?;
    }
    Ok(())
}
