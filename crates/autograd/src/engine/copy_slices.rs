//! The derivative of a write through a view, as seen from its base.

use crate::graph::node::{Edge, Node, NodeKind};
use crate::graph::tensor::Tensor;
use crate::graph::view::{CopySlices, relative};
use crate::op::Grads;
use crate::op::required;
use adjoint_tensor::Result;
use std::rc::Rc;

impl CopySlices {
    /// The edge of the written view, `outer` being this node: derivatives that read what was
    /// written are differentiated through the new base. `None` where nothing was saved of it.
    pub fn written(&self, outer: &Rc<Node>) -> Result<Option<Edge>> {
        let NodeKind::Op(record) = &self.inner.kind else { return Ok(None) };
        let array = record.saved.borrow().output(0).and_then(|saved| saved.array().cloned());
        let Some(array) = array else { return Ok(None) };
        let base = array.with_layout(self.base.clone())?;
        let base = Tensor::placeholder(base, Edge { node: outer.clone(), index: 0 });
        (required::get().as_strided)(&base, &self.view)?.edge()
    }

    /// The gradient of the old base is `g` with the view replaced by what `inner` gives for it.
    pub fn backward(&self, g: &Tensor, run: impl FnOnce(&Rc<Node>, Tensor) -> Result<Grads>) -> Result<Grads> {
        let ops = required::get();
        let result = (ops.clone)(g)?;
        // `g` has no gaps now: the view of it is that of the base, relative to the start of the
        // base.
        let layout = relative(&self.base, &self.view, result.array().layout())?;
        let slice = (ops.as_strided)(&result, &layout)?;
        let mut grads = run(&self.inner, (ops.clone)(&slice)?)?;
        let inner = grads[0].take();
        match inner {
            Some(inner) => (ops.copy_in_place)(&slice, &inner)?,
            None => {
                let zero = Tensor::number(adjoint_tensor::Scalar::Float(0.0))?;
                (ops.copy_in_place)(&slice, &zero)?;
            }
        }
        grads[0] = Some(result);
        Ok(grads)
    }
}
