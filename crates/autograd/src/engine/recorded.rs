//! Derivatives apart from the graph they were recorded in, to be run again on other values.

use super::derivative::{made_fit, of_op};
use crate::dispatch::prepared::Formula;
use crate::graph::modes::GradMode;
use crate::graph::node::{Edge, Edges, Node, NodeKind, OpNode, OutMeta};
use crate::graph::saved::{Role, SavedSet};
use crate::graph::tensor::Tensor;
use crate::op::{Attrs, Grads, OpDef, Vjp};
use adjoint_tensor::{Array, DType, Error, Result};
use smallvec::{SmallVec, smallvec};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// The derivative of one call of an op, as plain values: what it is given are the gradients of the
/// call's outputs and what the call's node keeps, what it makes are the gradients of the inputs.
///
/// It runs the same kernels as a backward pass that records nothing, so its bits are those of the
/// pass.
#[derive(Debug)]
pub struct Derivative {
    /// A node without history: its edges lead to nodes that say shapes and dtypes of inputs.
    node: Rc<Node>,
    wanted: SmallVec<[bool; 4]>,
    roles: SmallVec<[Role; 4]>,
}

/// A kept value: which input or output of the call it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// An input.
    Input(usize),
    /// An output, perhaps one that the op hides.
    Output(usize),
}

/// Where an operand of a gradient's formula comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The gradient of the output.
    Gradient,
    /// The kept value of this index.
    Kept(usize),
}

/// The gradient of one input of a formula, as a formula.
#[derive(Clone, Debug)]
pub struct GradientFormula {
    /// The input.
    pub input: usize,
    /// The formula.
    pub formula: Formula,
    /// Its operands, in order.
    pub operands: SmallVec<[Source; 5]>,
}

impl Derivative {
    /// That of an op's node, with the values that the node keeps; `None` for other nodes, and for
    /// one that does not keep the values themselves, or as they were.
    pub fn of(node: &Rc<Node>, wanted: &dyn Fn(usize) -> bool) -> Option<(Derivative, Vec<Array>)> {
        let NodeKind::Op(record) = &node.kind else { return None };
        let saved = record.saved.borrow();
        let kept: Option<Vec<(Role, Array)>> =
            saved.iter().map(|(role, saved)| Some((role, saved.array()?.clone()))).collect();
        let (roles, arrays) = kept?.into_iter().unzip::<_, _, Vec<_>, Vec<_>>();
        let end = |edge: &Edge| Edge { node: bare(record.op, smallvec![edge.meta().clone()]), index: 0 };
        let edges: Edges = node.edges.iter().map(|edge| edge.as_ref().map(end)).collect();
        let wanted = (0..edges.len()).map(|i| edges[i].is_some() && wanted(i)).collect();
        let kind = NodeKind::Op(OpNode {
            op: record.op,
            attrs: record.attrs.clone(),
            numbers: record.numbers,
            label: Cell::new(0),
            inside: Cell::new(0),
            saved: RefCell::default(),
        });
        let node = Node::new(kind, edges, node.outputs.clone());
        Some((Derivative { node, wanted, roles: roles.into() }, arrays))
    }

    /// The op of the call.
    pub fn op(&self) -> &'static OpDef {
        self.record().op
    }

    /// Attributes of the call.
    pub fn attrs(&self) -> &Attrs {
        &self.record().attrs
    }

    /// The inputs whose gradients are wanted.
    pub fn wanted(&self) -> impl Iterator<Item = usize> {
        self.wanted.iter().enumerate().filter(|(_, wanted)| **wanted).map(|(i, _)| i)
    }

    /// Brings the gradient of input `i` to the shape and dtype of what it is the gradient of, as a
    /// backward pass does.
    ///
    /// # Errors
    /// It does not fit these.
    pub fn fitted(&self, i: usize, meta: &OutMeta, g: Tensor) -> Result<Tensor> {
        made_fit(&self.node, i, meta, g)
    }

    /// What the values that it reads besides gradients are of the call, in order.
    pub fn kept(&self) -> impl Iterator<Item = Kept> {
        self.roles.iter().map(|role| match *role {
            Role::Input(i) => Kept::Input(usize::from(i)),
            Role::Output(i) => Kept::Output(usize::from(i)),
        })
    }

    /// The formulas of the gradients that are wanted, each with the index of its input and where its
    /// operands come from; `None` where the derivative is more than formulas of values.
    ///
    /// # Errors
    /// The arguments of the call are forbidden.
    pub fn formulas(&self, dtype: DType) -> Result<Option<Vec<GradientFormula>>> {
        let (op, attrs) = (self.op(), self.attrs());
        if !matches!(op.vjp, Vjp::Formula(_)) || self.wanted.len() > op.gradients.len() {
            return Ok(None);
        }
        let mut found = Vec::new();
        for input in self.wanted() {
            let Some(formula) = Formula::gradient(op, input, attrs, dtype)? else { return Ok(None) };
            let mut operands = SmallVec::from_elem(Source::Gradient, formula.operands());
            let output = operands.len() - 1;
            let reads = op.saves.inputs.get(input).copied().unwrap_or(0);
            for (place, role) in self.roles.iter().enumerate() {
                match *role {
                    // What it does not read has no say in the order of strides.
                    Role::Input(i) if usize::from(i) + 1 < output && reads >> i & 1 == 1 => {
                        operands[usize::from(i) + 1] = Source::Kept(place);
                    }
                    Role::Output(0) => operands[output] = Source::Kept(place),
                    _ => {}
                }
            }
            found.push(GradientFormula { input, formula, operands });
        }
        Ok(Some(found))
    }

    fn record(&self) -> &OpNode {
        match &self.node.kind {
            NodeKind::Op(record) => record,
            _ => unreachable!("the node is an op's"),
        }
    }

    /// The gradients of the inputs, from those of the outputs and the kept values. A gradient that
    /// nothing else holds may be overwritten.
    ///
    /// # Errors
    /// A gradient has another shape or dtype than the output had; the derivative fails.
    pub fn run(&self, grads: SmallVec<[Option<Tensor>; 1]>, kept: impl Iterator<Item = Array>) -> Result<Grads> {
        self.run_with(grads, SavedSet::of_values(self.roles.iter().copied().zip(kept)), false)
    }

    /// The same by ops alone, in the form that can be differentiated once more: for what looks at the
    /// calls of a derivative.
    ///
    /// # Errors
    /// A gradient has another shape or dtype than the output had; the derivative fails.
    pub fn run_by_ops(&self, grads: SmallVec<[Option<Tensor>; 1]>, kept: impl Iterator<Item = Array>) -> Result<Grads> {
        let saved = SavedSet::of_inputs(self.roles.iter().copied().zip(kept), &self.node.edges);
        self.run_with(grads, saved, true)
    }

    fn run_with(&self, grads: SmallVec<[Option<Tensor>; 1]>, saved: SavedSet, by_ops: bool) -> Result<Grads> {
        for (g, meta) in grads.iter().zip(&self.node.outputs) {
            if let Some(g) = g
                && !meta.fits(g.array())
            {
                return Err(Error::shape(format!(
                    "the gradient of {} has shape {:?}, and had {:?} when it was recorded",
                    self.op().shown_name(),
                    g.shape(),
                    meta.shape()
                )));
            }
        }
        let _mode = GradMode::set(by_ops);
        self.record().saved.replace(saved);
        let wanted = |i: usize| self.wanted.get(i).copied().unwrap_or_default();
        let made = of_op(&self.node, self.op(), &grads, &wanted, None);
        drop(self.record().saved.take());
        made
    }
}

/// A node that nothing is kept of and that leads nowhere.
fn bare(op: &'static OpDef, outputs: SmallVec<[OutMeta; 1]>) -> Rc<Node> {
    let kind = NodeKind::Op(OpNode {
        op,
        attrs: Attrs::new(),
        numbers: 0,
        label: Cell::new(0),
        inside: Cell::new(0),
        saved: RefCell::default(),
    });
    Node::new(kind, Edges::new(), outputs)
}
