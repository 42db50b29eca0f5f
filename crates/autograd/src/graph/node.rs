//! The graph: [`Node`], one recorded operation, and [`Edge`], one output of a node.

use crate::graph::custom::Custom;
use crate::graph::drop_queue;
use crate::graph::hooks::NodeHooks;
use crate::graph::label::{Label, label_of, number_of};
use crate::graph::saved::SavedSet;
use crate::graph::tensor::Tensor;
use crate::graph::trace;
use crate::graph::view::CopySlices;
use crate::op::attrs::Attrs;
use crate::op::{Named, OpDef};
use adjoint_tensor::meta::Placement;
use adjoint_tensor::{Array, DType, Result, dims};
use smallvec::SmallVec;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Output `index` of `node`: where the gradient of a tensor is sent.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The operation that made the tensor.
    pub node: Rc<Node>,
    /// Which of its outputs the tensor is.
    pub index: u32,
}

impl Edge {
    /// Whether both are the same output of the same node.
    pub fn same(&self, other: &Edge) -> bool {
        self.index == other.index && Rc::ptr_eq(&self.node, &other.node)
    }

    /// Shape and dtype of the tensor this edge stands for, and so of its gradient.
    pub fn meta(&self) -> &OutMeta {
        &self.node.outputs[self.index as usize]
    }
}

/// The edges to a node's inputs; `None` where no gradient is wanted.
pub type Edges = SmallVec<[Option<Edge>; 2]>;

/// Shape and dtype of an output.
#[derive(Clone, Debug)]
pub struct OutMeta {
    layout: Rc<Placement>,
    /// Element type.
    pub dtype: DType,
}

impl OutMeta {
    /// Those of `t`.
    pub fn of(t: &Tensor) -> Self {
        OutMeta::of_array(t.array())
    }

    /// Those of a tensor with these values.
    #[inline]
    pub fn of_array(array: &Array) -> Self {
        OutMeta { layout: array.shared_layout().clone(), dtype: array.dtype() }
    }

    /// Sizes.
    pub fn shape(&self) -> &[usize] {
        &self.layout.shape
    }

    /// A fresh contiguous tensor of this shape and dtype, values not set.
    pub fn empty(&self) -> Result<Array> {
        Array::empty(self.shape(), self.dtype)
    }

    /// Whether it has samples.
    pub(crate) fn has_samples(&self) -> bool {
        !self.layout.batch().is_empty()
    }

    /// Whether it has samples of the `vmap` of this number.
    pub(crate) fn has_samples_of(&self, number: u32) -> bool {
        self.layout.batch().iter().any(|dim| dim.level.number == number)
    }

    /// Whether a gradient of this shape and dtype can arrive as it is: it is not that of samples.
    /// Quick where it shares the layout.
    #[inline]
    pub fn fits(&self, array: &Array) -> bool {
        let same = Rc::ptr_eq(&self.layout, array.shared_layout()) || dims::same(self.shape(), array.shape());
        same && self.dtype == array.dtype() && !array.is_batched()
    }
}

/// One recorded operation.
///
/// Nodes are numbered in the order they are made; an operation's inputs are older than itself,
/// which is the order the engine relies on.
#[derive(Debug)]
pub struct Node {
    /// Its sequence number, in order of creation; 0 for accumulators.
    pub(crate) sequence: u64,
    /// Where the running engine keeps its state of this node: the index in the table of a backward
    /// pass.
    pub(crate) slot: Cell<u32>,
    /// How many edges of living nodes lead to this one.
    pub(crate) users: Cell<u32>,
    pub(crate) kind: NodeKind,
    pub(crate) edges: Edges,
    pub(crate) outputs: SmallVec<[OutMeta; 1]>,
    pub(crate) hooks: RefCell<Option<Box<NodeHooks>>>,
    /// Key of the forward stack kept by anomaly detection; 0 is none.
    pub(crate) trace: Cell<u32>,
}

#[derive(Debug)]
pub(crate) enum NodeKind {
    /// An op of the table.
    Op(OpNode),
    /// The end of the graph: adds to the `.grad` of a leaf.
    Accumulate(Tensor),
    /// A write through a view, as seen from its base.
    CopySlices(Box<CopySlices>),
    /// A function of the user.
    Custom(Box<Custom>),
}

#[derive(Debug)]
pub(crate) struct OpNode {
    pub op: &'static OpDef,
    pub attrs: Attrs,
    /// The inputs that are numbers beside tensors, by mask.
    pub numbers: u8,
    /// What the composite that made it calls it: see [`Label`].
    pub label: Cell<u8>,
    /// How many nodes that composite made before it; 0 also where there are too many.
    pub inside: Cell<u16>,
    pub saved: RefCell<SavedSet>,
}

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
    static LIVE: Cell<usize> = const { Cell::new(0) };
}

/// How many nodes live, for leak checks.
pub fn live_nodes() -> usize {
    LIVE.get()
}

/// The sequence number of the newest node.
#[inline]
pub fn newest() -> u64 {
    COUNT.get()
}

impl Node {
    #[inline(always)]
    pub(crate) fn new(kind: NodeKind, edges: Edges, outputs: SmallVec<[OutMeta; 1]>) -> Rc<Node> {
        // Accumulators are older than all nodes, whenever they were made.
        let sequence = if matches!(kind, NodeKind::Accumulate(_)) { 0 } else { COUNT.get() + 1 };
        COUNT.set(COUNT.get().max(sequence));
        LIVE.set(LIVE.get() + 1);
        for edge in edges.iter().flatten() {
            let users = &edge.node.users;
            users.set(users.get() + 1);
        }
        Rc::new(Node {
            sequence,
            slot: Cell::new(0),
            users: Cell::new(0),
            kind,
            edges,
            outputs,
            hooks: RefCell::new(None),
            trace: Cell::new(0),
        })
    }

    /// PyTorch's name of the node, such as `MulBackward0`.
    pub fn name(&self) -> String {
        if let Some(Label { name, .. }) = self.label().filter(|label| !label.name.is_empty()) {
            return name.to_string();
        }
        match &self.kind {
            // Ops without a derivative have a node only where they wrote a tensor that had one.
            NodeKind::Op(n) if n.op.node.is_empty() => camel_case(n.op.shown_name()) + "Backward0",
            NodeKind::Op(n) => match n.op.shown.name {
                Some(name) => {
                    let (edges, outputs) = (&self.edges[..], &self.outputs[..]);
                    name(&Named { attrs: &n.attrs, numbers: n.numbers, edges, outputs }).to_string()
                }
                None => n.op.node.to_string(),
            },
            NodeKind::Accumulate(_) => "torch::autograd::AccumulateGrad".to_string(),
            NodeKind::CopySlices(_) => "torch::autograd::CopySlices".to_string(),
            NodeKind::Custom(c) => c.function.name(),
        }
    }

    /// The composite that made it.
    pub fn label(&self) -> Option<Label> {
        match &self.kind {
            NodeKind::Op(n) => label_of(n.label.get()),
            _ => None,
        }
    }

    /// How many nodes the composite that made it made before it.
    pub fn inside(&self) -> u64 {
        match &self.kind {
            NodeKind::Op(n) => n.inside.get().into(),
            _ => 0,
        }
    }

    /// Notes the composite that made it, and nodes down to this number.
    pub(crate) fn set_label(&self, label: Label, first: u64) {
        if let NodeKind::Op(n) = &self.kind {
            n.label.set(number_of(label));
            n.inside.set(u16::try_from(self.sequence - first).unwrap_or(0));
        }
    }

    /// The edges to the nodes of its inputs.
    pub fn next(&self) -> &[Option<Edge>] {
        &self.edges
    }

    /// The edges as PyTorch lists them: one an input that has a derivative. The user's functions
    /// list their tensors.
    pub fn next_functions(&self) -> impl Iterator<Item = &Option<Edge>> {
        let listed = move |i: usize| match &self.kind {
            NodeKind::Custom(c) => c.tensors[i],
            NodeKind::Op(n) => {
                let unlisted = n.op.shown.unlisted | if n.op.shown.lists_numbers { 0 } else { n.numbers };
                i >= 8 || unlisted >> i & 1 == 0
            }
            _ => true,
        };
        self.edges.iter().enumerate().filter(move |(i, _)| listed(*i)).map(|(_, edge)| edge)
    }

    /// Shapes and dtypes of its outputs.
    pub fn outputs(&self) -> &[OutMeta] {
        &self.outputs
    }

    /// The op and its attributes, for nodes of ops.
    pub fn op(&self) -> Option<(&'static OpDef, &Attrs)> {
        match &self.kind {
            NodeKind::Op(n) => Some((n.op, &n.attrs)),
            _ => None,
        }
    }

    /// The leaf, for accumulators.
    pub fn variable(&self) -> Option<&Tensor> {
        match &self.kind {
            NodeKind::Accumulate(t) => Some(t),
            _ => None,
        }
    }

    /// What it keeps of outputs that its op hides, by their index among these; `None` where it
    /// keeps nothing of one.
    pub fn hidden_outputs(&self) -> SmallVec<[Option<Array>; 2]> {
        let NodeKind::Op(n) = &self.kind else { return SmallVec::new() };
        let (all, saved) = (self.outputs.len(), n.saved.borrow());
        let hidden = all.saturating_sub(n.op.hidden_outputs)..all;
        hidden.map(|i| saved.output(i).and_then(|saved| saved.array().cloned())).collect()
    }

    /// Whether what it keeps for its derivative was freed.
    pub fn is_freed(&self) -> bool {
        match &self.kind {
            NodeKind::Op(n) => n.saved.borrow().freed,
            NodeKind::CopySlices(copy) => copy.inner.is_freed(),
            NodeKind::Custom(_) | NodeKind::Accumulate(_) => false,
        }
    }

    /// Its sequence number, in order of creation; 0 for accumulators.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Bytes of the values it keeps for its derivative, storages counted once.
    pub fn saved_bytes(&self) -> usize {
        match &self.kind {
            NodeKind::Op(n) => n.saved.borrow().bytes(),
            NodeKind::Custom(c) => c.saved.borrow().bytes(),
            _ => 0,
        }
    }

    /// The key of the forward stack, for anomaly detection.
    pub fn trace(&self) -> u32 {
        self.trace.get()
    }

    /// Remembers the key of the forward stack.
    pub fn set_trace(&self, key: u32) {
        self.trace.set(key);
    }

    /// Frees what it keeps for its derivative.
    pub(crate) fn release(&self) {
        match &self.kind {
            NodeKind::Op(n) => {
                let mut saved = n.saved.borrow_mut();
                if saved.is_light() {
                    saved.free();
                } else {
                    let taken = saved.take();
                    drop(saved);
                    // What goes with it may run the user's code, so nothing is borrowed.
                    drop(taken);
                }
            }
            NodeKind::CopySlices(c) => c.inner.release(),
            NodeKind::Custom(c) => {
                let saved = c.saved.borrow_mut().take();
                drop(saved);
            }
            NodeKind::Accumulate(_) => {}
        }
    }
}

fn camel_case(name: &str) -> String {
    let capital = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    name.split('_').filter(|word| !word.is_empty()).map(capital).collect()
}

impl Drop for Node {
    fn drop(&mut self) {
        LIVE.set(LIVE.get() - 1);
        trace::forget_trace(self.trace.get());
        match &mut self.kind {
            NodeKind::Op(n) => drop_queue::drop_later(&mut self.edges, n.saved.get_mut()),
            NodeKind::Custom(c) => drop_queue::drop_later(&mut self.edges, &mut SavedSet::of(c.saved.get_mut().take())),
            _ => drop_queue::drop_later(&mut self.edges, &mut SavedSet::default()),
        }
    }
}
