//! What a node keeps of the forward pass for its derivative.

use crate::hooks::{self, Packed};
use crate::node::{Edge, Node};
use crate::tensor::{Tensor, Wrap};
use adjoint_tensor::{Array, Error, Result};
use smallvec::SmallVec;
use std::rc::Rc;

/// One kept tensor.
///
/// The tensor object itself is kept only for leaves: keeping a computed tensor would let its later history (an in-place
/// change moves it to a new node) close a cycle of references. Values carry the version they were saved at; a
/// difference on use means they were changed since.
#[derive(Debug)]
pub(crate) struct Saved {
    value: Value,
    version: u32,
}

#[derive(Debug)]
enum Value {
    /// A leaf that requires grad, kept as itself.
    Leaf(Tensor),
    /// Anything else that is an input: its window, its edge at that time, its tangents.
    Input { array: Array, edge: Option<Edge>, wrap: Option<Rc<Wrap>> },
    /// An output of the node that keeps it; its edge is that node, so it is not stored.
    Output { array: Array, index: u32, wrap: Option<Rc<Wrap>> },
    /// Handed to the user's pack hook.
    Packed { packed: Rc<Packed>, edge: Option<Edge>, output: Option<u32> },
}

/// A kept tensor on its way out, apart from the node's borrow: unpack hooks may do anything.
pub(crate) enum Opened {
    Tensor(Tensor),
    Packed { packed: Rc<Packed>, edge: Option<Edge> },
}

impl Opened {
    /// The tensor with its place in the graph.
    pub fn finish(self) -> Result<Tensor> {
        match self {
            Opened::Tensor(t) => Ok(t),
            Opened::Packed { packed, edge } => Ok(Tensor::with_edge(packed.unpack()?.array().clone(), edge)),
        }
    }
}

impl Saved {
    /// Keeps an input.
    pub fn input(t: &Tensor) -> Result<Self> {
        if t.is_inference() {
            return Err(Error::autograd(
                "inference tensors cannot be saved for backward; clone() the tensor to get a normal one, \
                 or use noGrad() instead of inferenceMode()",
            ));
        }
        let version = t.array().storage().version();
        // A plain number beside tensors is no tensor to the user.
        if !t.is_wrapped_number()
            && let Some(packed) = hooks::pack(t)?
        {
            return Ok(Saved { value: Value::Packed { packed, edge: t.edge()?, output: None }, version });
        }
        let value = if t.is_leaf() && t.requires_grad() && t.wrap().is_none() {
            Value::Leaf(t.clone())
        } else {
            Value::Input { array: t.array().clone(), edge: t.edge()?, wrap: t.wrap().cloned() }
        };
        Ok(Saved { value, version })
    }

    /// Keeps output `index` of the node under construction.
    pub fn output(t: &Tensor, index: usize) -> Result<Self> {
        let version = t.array().storage().version();
        if let Some(packed) = hooks::pack(t)? {
            return Ok(Saved { value: Value::Packed { packed, edge: None, output: Some(index as u32) }, version });
        }
        let value = Value::Output { array: t.array().clone(), index: index as u32, wrap: t.wrap().cloned() };
        Ok(Saved { value, version })
    }

    /// Gives the tensor back, to be finished when nothing is borrowed.
    pub fn open(&self, owner: &Rc<Node>) -> Result<Opened> {
        Ok(Opened::Tensor(match &self.value {
            Value::Leaf(t) => {
                self.check(t.array(), None)?;
                t.clone()
            }
            Value::Input { array, edge, wrap } => {
                self.check(array, edge.as_ref())?;
                Tensor::with_edge(array.clone(), edge.clone()).with_wrap(wrap.clone())
            }
            Value::Output { array, index, wrap } => {
                let edge = Edge { node: owner.clone(), index: *index };
                self.check(array, Some(&edge))?;
                Tensor::with_edge(array.clone(), Some(edge)).with_wrap(wrap.clone())
            }
            Value::Packed { packed, edge, output } => {
                let edge = output.map(|index| Edge { node: owner.clone(), index }).or_else(|| edge.clone());
                return Ok(Opened::Packed { packed: packed.clone(), edge });
            }
        }))
    }

    fn check(&self, array: &Array, edge: Option<&Edge>) -> Result<()> {
        let found = array.storage().version();
        if found == self.version {
            return Ok(());
        }
        let origin = edge.map_or_else(String::new, |e| {
            let name = e.node.name();
            let name = name.split("Backward").next().unwrap_or(&name).to_string();
            format!(", which is output {} of {name},", e.index)
        });
        Err(Error::autograd(format!(
            "one of the variables needed for gradient computation has been modified by an in-place operation: \
             {} tensor of shape {:?}{origin} is at version {found}; expected version {} instead; \
             clone() it before the change, or use the out-of-place form",
            array.dtype().name(),
            array.shape(),
            self.version
        ))
        .with("found", found)
        .with("expected", self.version))
    }

    /// The tangents the value is kept with.
    fn wrap_mut(&mut self) -> Option<&mut Option<Rc<Wrap>>> {
        match &mut self.value {
            Value::Leaf(t) => Some(t.wrap_mut()),
            Value::Input { wrap, .. } | Value::Output { wrap, .. } => Some(wrap),
            Value::Packed { .. } => None,
        }
    }

    /// Keeps the value with the tangents of `t`, of which it is the value; false where there are none.
    fn set_wrap(&mut self, t: &Tensor) -> Result<bool> {
        if t.wrap().is_none() {
            return Ok(false);
        }
        match self.wrap_mut() {
            Some(wrap) => *wrap = t.wrap().cloned(),
            None => {
                return Err(Error::autograd(
                    "saved-tensor hooks and checkpoint() cannot be used on dual tensors; take the tangents of the whole",
                ));
            }
        }
        Ok(true)
    }

    /// The values with what made them, where they are kept as they are.
    fn array(&self, owner: &Rc<Node>) -> Option<(Array, Option<Rc<Node>>)> {
        match &self.value {
            Value::Leaf(t) => Some((t.array().clone(), t.edge().ok().flatten().map(|e| e.node))),
            Value::Input { array, edge, .. } => Some((array.clone(), edge.as_ref().map(|e| e.node.clone()))),
            Value::Output { array, .. } => Some((array.clone(), Some(owner.clone()))),
            Value::Packed { .. } => None,
        }
    }

    fn bytes(&self) -> usize {
        match &self.value {
            Value::Leaf(t) => t.array().storage().bytes(),
            Value::Input { array, .. } | Value::Output { array, .. } => array.storage().bytes(),
            Value::Packed { .. } => 0,
        }
    }
}

/// Everything one node keeps.
#[derive(Debug, Default)]
pub(crate) struct SavedSet {
    pub inputs: SmallVec<[Option<Saved>; 2]>,
    pub outputs: SmallVec<[Option<Saved>; 1]>,
    pub freed: bool,
}

impl SavedSet {
    /// Takes everything out and remembers whether there was something.
    pub fn take(&mut self) -> SavedSet {
        let had = self.inputs.iter().any(Option::is_some) || self.outputs.iter().any(Option::is_some);
        let freed = self.freed || had;
        std::mem::replace(self, SavedSet { freed, ..SavedSet::default() })
    }

    /// Keeps values with the tangents of these inputs and outputs; whether there were any.
    pub fn set_wraps(&mut self, inputs: &[Option<Tensor>], outputs: &[Tensor]) -> Result<bool> {
        let mut any = false;
        for (saved, t) in self.inputs.iter_mut().zip(inputs) {
            if let (Some(saved), Some(t)) = (saved, t) {
                any |= saved.set_wrap(t)?;
            }
        }
        for (saved, t) in self.outputs.iter_mut().zip(outputs) {
            if let Some(saved) = saved {
                any |= saved.set_wrap(t)?;
            }
        }
        Ok(any)
    }

    /// Takes out the tangents of `level` and of those above; the caller drops them when nothing is borrowed.
    pub fn forget_tangents(&mut self, level: u32) -> Vec<Rc<Wrap>> {
        let mut gone = Vec::new();
        for saved in self.inputs.iter_mut().chain(&mut self.outputs).flatten() {
            let Some(wrap) = saved.wrap_mut() else { continue };
            while let Some(top) = wrap.take_if(|top| top.level >= level) {
                *wrap = top.below.clone();
                gone.push(top);
            }
        }
        gone
    }

    /// What is kept as it is, with what made it.
    pub fn arrays(&self, owner: &Rc<Node>) -> Vec<(Array, Option<Rc<Node>>)> {
        self.inputs.iter().chain(&self.outputs).flatten().filter_map(|s| s.array(owner)).collect()
    }

    pub fn bytes(&self) -> usize {
        self.inputs.iter().chain(&self.outputs).flatten().map(Saved::bytes).sum()
    }
}

/// The error of a second walk through a freed graph.
#[cold]
pub(crate) fn freed() -> Error {
    Error::autograd(
        "trying to backward through the graph a second time, but the values it saved have been freed; \
         pass retainGraph: true to the first backward() or grad() to walk the graph again",
    )
}
