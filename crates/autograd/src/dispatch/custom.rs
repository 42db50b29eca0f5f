//! Calls of the user's own functions with their own backward.

use crate::dispatch::in_place;
use crate::graph::custom::Custom;
use crate::graph::modes;
use crate::graph::node::{Edge, Edges, Node, NodeKind, OutMeta};
use crate::graph::saved::Saved;
use crate::graph::tensor::Tensor;
use crate::graph::view::{Creation, ViewOf};
use crate::op::interpreter;
use adjoint_tensor::{Error, Result};
use smallvec::SmallVec;
use std::cell::RefCell;
use std::rc::Rc;

pub use crate::graph::custom::{CustomNode, saved_tensors};

/// A tensor a function returned.
#[derive(Clone, Debug)]
pub struct Output {
    /// The tensor: fresh, or an input.
    pub tensor: Tensor,
    /// Whether gradients flow through it; never for integers and bools.
    pub differentiable: bool,
    /// Whether it is an input the function wrote.
    pub dirty: bool,
}

/// A finished call of a user's function.
pub struct Called<'a> {
    /// One an argument; `None` for what is not a tensor.
    pub inputs: &'a [Option<Tensor>],
    /// What it returned, tensors only.
    pub outputs: &'a [Output],
    /// What its backward reads.
    pub saved: &'a [Option<Tensor>],
}

impl Called<'_> {
    /// Whether a gradient is wanted of this call.
    pub fn records(&self) -> bool {
        modes::recording() && self.inputs.iter().flatten().any(Tensor::requires_grad)
    }

    fn is_input(&self, t: &Tensor) -> bool {
        self.inputs.iter().flatten().any(|input| input.ptr_eq(t))
    }

    /// Records the node of the call and gives the outputs their edges; returns the node, where one
    /// was made, and the outputs as the caller of the function gets them.
    ///
    /// # Errors
    /// A leaf that requires grad was written; a view was written by a function with several outputs.
    pub fn finish(&self, function: impl FnOnce() -> Box<dyn CustomNode>) -> Result<(Option<Rc<Node>>, Vec<Tensor>)> {
        if !self.records() {
            return Ok((None, self.outputs.iter().map(|out| self.unrecorded(out)).collect::<Result<_>>()?));
        }
        for out in self.outputs.iter().filter(|out| out.dirty) {
            self.check_dirty(&out.tensor)?;
        }
        let mut edges = Edges::new();
        for input in self.inputs {
            edges.push(match input {
                Some(t) if t.dtype().is_float() => t.edge()?,
                _ => None,
            });
        }
        let metas: SmallVec<[OutMeta; 1]> = self.outputs.iter().map(|out| OutMeta::of(&out.tensor)).collect();
        let tensors = self.inputs.iter().map(Option::is_some).collect();
        let custom = Box::new(Custom { function: function(), tensors, saved: RefCell::default() });
        let node = Node::new(NodeKind::Custom(custom), edges, metas);
        interpreter::node_made(&node);
        let mut results = Vec::with_capacity(self.outputs.len());
        for (i, out) in self.outputs.iter().enumerate() {
            results.push(if out.differentiable && out.tensor.dtype().is_float() {
                self.attach(out, Edge { node: node.clone(), index: i as u32 })?
            } else {
                self.unrecorded(out)?
            });
        }
        self.save(&node, &results)?;
        Ok((Some(node), results))
    }

    fn check_dirty(&self, t: &Tensor) -> Result<()> {
        if t.is_leaf() && t.requires_grad() {
            return Err(Error::autograd(
                "a leaf tensor that requires grad has been used in an in-place operation; \
                 clone() it before it is given to the custom Function",
            ));
        }
        if t.base().is_some() && self.outputs.len() > 1 {
            return Err(Error::autograd(
                "a custom Function that modifies a view in place cannot return more than one tensor; \
                 clone() the view, or split the Function",
            ));
        }
        Ok(())
    }

    /// An output that carries a gradient.
    fn attach(&self, out: &Output, edge: Edge) -> Result<Tensor> {
        let t = &out.tensor;
        if out.dirty {
            t.array().storage().bump_version();
            if t.base().is_none() {
                t.rebase(Some(edge));
            } else if self.outputs.len() == 1 {
                in_place::rebase(t, edge.node)?;
            } else {
                return Err(Error::autograd(
                    "functions which modify views in place must return a single tensor; clone() the view first",
                ));
            }
            return Ok(t.clone());
        }
        let t = if self.is_input(t) { alias(t) } else { t.clone() };
        t.with_view(|view| {
            if let Some(view) = view {
                view.set_custom(t.version());
            }
        });
        t.rebase(Some(edge));
        Ok(t)
    }

    /// An output that carries none: never an input itself, whose flags must stay as they are.
    fn unrecorded(&self, out: &Output) -> Result<Tensor> {
        let t = &out.tensor;
        if out.dirty {
            return Ok(t.clone());
        }
        Ok(match (self.is_input(t), t.requires_grad()) {
            (true, true) => t.detach(),
            (true, false) => alias(t),
            (false, true) if t.base().is_none() => {
                t.detach_in_place()?;
                t.clone()
            }
            (false, _) => t.clone(),
        })
    }

    fn save(&self, node: &Rc<Node>, results: &[Tensor]) -> Result<()> {
        let mut kept = Vec::with_capacity(self.saved.len());
        for (i, t) in self.saved.iter().enumerate() {
            kept.push(match t {
                None => None,
                Some(t) => match results.iter().position(|r| r.ptr_eq(t)) {
                    // An output that is not of this node's making is kept as any other tensor is.
                    Some(k) if results[k].known_grad_fn().is_some_and(|e| Rc::ptr_eq(&e.node, node)) => {
                        Some(Saved::output(t, k)?)
                    }
                    _ => Some(Saved::input(t, i, t.edge()?.as_ref())?),
                },
            });
        }
        if let NodeKind::Custom(custom) = &node.kind {
            custom.saved.borrow_mut().list = kept;
        }
        Ok(())
    }
}

/// A view of all of `t`, so that it can have a node of its own.
fn alias(t: &Tensor) -> Tensor {
    let view = Tensor::view_of(t, t.array().clone());
    view.set_view(ViewOf::new(t, Creation::Custom));
    view
}
