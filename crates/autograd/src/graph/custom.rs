//! The user's functions with a backward of their own.

use crate::graph::node::{Node, NodeKind};
use crate::graph::saved::{self, Opened, Saved};
use crate::graph::tensor::Tensor;
use crate::op::backward::Grads;
use adjoint_tensor::{Array, Result};
use smallvec::SmallVec;
use std::cell::RefCell;
use std::fmt::Debug;
use std::rc::Rc;

/// The backward of a user's function.
pub trait CustomNode: Debug {
    /// The node's name, `ExpBackward` for a class `Exp`.
    fn name(&self) -> String;
    /// Gradients of the inputs, one an edge, from gradients of the outputs, one an output. `node`
    /// unpacks what was saved.
    fn backward(&self, node: &Rc<Node>, grads: &[Option<Tensor>]) -> Result<Grads>;
}

/// A function in the graph, with what it saved.
#[derive(Debug)]
pub(crate) struct Custom {
    pub function: Box<dyn CustomNode>,
    /// For each argument, whether it was a tensor.
    pub tensors: SmallVec<[bool; 4]>,
    pub saved: RefCell<SavedList>,
}

/// What a function saved, in its order; `None` where it saved no tensor.
#[derive(Debug, Default)]
pub(crate) struct SavedList {
    pub list: Vec<Option<Saved>>,
    freed: bool,
}

impl SavedList {
    /// Takes everything out and remembers whether there was something.
    pub fn take(&mut self) -> Vec<Option<Saved>> {
        self.freed |= self.list.iter().any(Option::is_some);
        std::mem::take(&mut self.list)
    }

    /// What is kept as it is, with what made it.
    pub fn arrays(&self, owner: &Rc<Node>) -> Vec<(Array, Option<Rc<Node>>)> {
        self.list.iter().flatten().filter_map(|s| s.with_origin(owner)).collect()
    }

    /// Bytes of the values.
    pub fn bytes(&self) -> usize {
        self.list.iter().flatten().map(Saved::bytes).sum()
    }
}

/// The tensors a function saved, with their edges; `None` where it saved none.
///
/// # Errors
/// The graph was freed; a tensor was modified since.
pub fn saved_tensors(node: &Rc<Node>) -> Result<Vec<Option<Tensor>>> {
    let NodeKind::Custom(custom) = &node.kind else { return Ok(Vec::new()) };
    let opened: Vec<Option<Opened>> = {
        let set = custom.saved.borrow();
        if set.freed {
            return Err(saved::freed());
        }
        set.list.iter().map(|s| s.as_ref().map(|s| s.open(node)).transpose()).collect::<Result<_>>()?
    };
    opened.into_iter().map(|o| o.map(Opened::finish).transpose()).collect()
}
