//! [`Backward`]: what a derivative formula sees.

use crate::graph::modes;
use crate::graph::node::{Edge, Node, NodeKind, OpNode, OutMeta};
use crate::graph::saved;
use crate::graph::tensor::Tensor;
use crate::op::OpDef;
use crate::op::attrs::Attrs;
use adjoint_cpu::elementwise::{self, Blocks};
use adjoint_tensor::{Array, DType, Error, Result, Scalar};
use smallvec::SmallVec;
use std::rc::Rc;

/// Gradients of the inputs; `None` where it is zero or not wanted.
pub type Grads = SmallVec<[Option<Tensor>; 2]>;

/// A call of a derivative formula: the gradients of the outputs, what was saved, and which
/// gradients are wanted.
pub struct Backward<'a> {
    node: &'a Rc<Node>,
    record: &'a OpNode,
    g: &'a [Option<Tensor>],
    wanted: &'a dyn Fn(usize) -> bool,
    /// The edge of the output where that is not the node itself: a write through a view leaves a
    /// view of its base.
    output_at: Option<Edge>,
}

impl<'a> Backward<'a> {
    pub(crate) fn new(node: &'a Rc<Node>, g: &'a [Option<Tensor>], wanted: &'a dyn Fn(usize) -> bool) -> Option<Self> {
        match &node.kind {
            NodeKind::Op(record) => Some(Backward { node, record, g, wanted, output_at: None }),
            _ => None,
        }
    }

    pub(crate) fn with_output_at(self, output_at: Option<Edge>) -> Self {
        Backward { output_at, ..self }
    }

    /// The op.
    pub fn op(&self) -> &'static OpDef {
        self.record.op
    }

    /// The gradient of the first output, for ops whose other outputs have none.
    ///
    /// # Panics
    /// If it is absent, which the engine rules out for ops with one differentiable output.
    pub fn g(&self) -> &'a Tensor {
        self.g[0].as_ref().expect("the only differentiable output has a gradient")
    }

    /// The gradient of output `i`; `None` where it does not influence the result.
    pub fn grad(&self, i: usize) -> Option<&'a Tensor> {
        self.g.get(i).and_then(Option::as_ref)
    }

    /// Attributes of the call.
    pub fn attrs(&self) -> &'a Attrs {
        &self.record.attrs
    }

    /// The number of inputs.
    pub fn inputs(&self) -> usize {
        self.node.edges.len()
    }

    /// Whether the gradient of input `i` is wanted.
    pub fn wants(&self, i: usize) -> bool {
        self.node.edges.get(i).is_some_and(Option::is_some) && (self.wanted)(i)
    }

    /// Input `i`, which [`crate::op::Saves`] must list.
    pub fn input(&self, i: usize) -> Result<Tensor> {
        self.opt_input(i)?.ok_or_else(|| self.not_saved("input", i))
    }

    /// Input `i` where it was saved, for derivatives that need less in some cases.
    pub fn opt_input(&self, i: usize) -> Result<Option<Tensor>> {
        let opened = {
            let set = self.record.saved.borrow();
            if set.freed {
                return Err(saved::freed());
            }
            set.input(i).map(|s| s.open(self.node)).transpose()?
        };
        opened.map(saved::Opened::finish).transpose()
    }

    /// The values of input `i` alone, where they were saved and are at hand as they were then;
    /// `None` where only [`Backward::input`] can give them or say what is wrong.
    pub fn input_values(&self, i: usize) -> Option<Array> {
        let set = self.record.saved.borrow();
        if set.freed { None } else { set.input(i)?.array().cloned() }
    }

    /// The value of input `i`, where that is a number that was saved.
    pub fn number(&self, i: usize) -> Option<f64> {
        if self.record.numbers >> i & 1 == 0 {
            return None;
        }
        self.input_values(i)?.item().ok().map(Scalar::to_f64)
    }

    /// A fresh tensor for the gradient of input `i`, which must be wanted: contiguous, values not
    /// set.
    pub fn like_input(&self, i: usize) -> Result<Array> {
        self.node.edges[i].as_ref().map_or(&self.node.outputs[0], Edge::meta).empty()
    }

    /// Output `i`, which [`crate::op::Saves`] must list.
    pub fn output(&self, i: usize) -> Result<Tensor> {
        self.opt_output(i)?.ok_or_else(|| self.not_saved("output", i))
    }

    /// Output `i` where it was saved, for derivatives that need less in some cases.
    pub fn opt_output(&self, i: usize) -> Result<Option<Tensor>> {
        let opened = {
            let set = self.record.saved.borrow();
            if set.freed {
                return Err(saved::freed());
            }
            set.output(i).map(|s| s.open(self.node)).transpose()?
        };
        let output = opened.map(saved::Opened::finish).transpose()?;
        Ok(match (output, &self.output_at) {
            (Some(t), Some(edge)) => {
                Some(Tensor::with_edge(t.array().clone(), Some(edge.clone())).with_tangents(t.tangents().cloned()))
            }
            (output, _) => output,
        })
    }

    /// Whether only values are wanted, and of one sample, which is what kernels know: the gradients
    /// need no derivative themselves, have no tangents, and nothing here is of the samples of a
    /// `vmap`.
    #[inline(never)]
    pub fn is_value_only(&self) -> bool {
        let is_plain = |g: &Tensor| g.tangents().is_none() && !g.array().is_batched();
        // An output has the samples of all inputs.
        !modes::grad_enabled()
            && self.g.iter().flatten().all(is_plain)
            && !self.node.outputs.iter().any(OutMeta::has_samples)
    }

    /// The gradient of one input by a block kernel over [`Backward::g`], the inputs and the output,
    /// with `g` as the placeholder of what was not saved. With `is_last`, nothing reads `g` afterwards,
    /// and where nothing else refers to it the result overwrites it. `reads` says which inputs the
    /// kernel reads, by mask: the others have `g` as their placeholder too, and no say in the order
    /// of the result's strides.
    ///
    /// `None` where the tensors are needed and not just their values: the derivative must itself be
    /// differentiable, or something saved was packed away or changed since.
    pub fn fused(&self, blocks: &Blocks, reads: u8, params: &[f64], is_last: bool) -> Result<Option<Tensor>> {
        let g = self.g();
        if modes::grad_enabled() || g.tangents().is_some() {
            return Ok(None);
        }
        let set = self.record.saved.borrow();
        let Some(mut operands) = set.operands(blocks, g.array())? else { return Ok(None) };
        for i in (0..blocks.n_inputs.saturating_sub(2)).filter(|i| reads >> i & 1 == 0) {
            operands[i + 1] = g.array();
        }
        let operands = &operands[..blocks.n_inputs];
        if is_last && g.is_unshared() && elementwise::compute_into(blocks, g.dtype(), operands, params, g.array()) {
            return Ok(Some(g.clone()));
        }
        Ok(Some(Tensor::from_array(elementwise::compute(blocks, g.dtype(), operands, params)?)))
    }

    /// The shape of input `i`, whose gradient must be wanted. An input that was overwritten has
    /// that of the output.
    pub fn shape(&self, i: usize) -> &'a [usize] {
        self.node.edges[i].as_ref().map_or(&self.node.outputs[0], Edge::meta).shape()
    }

    /// The dtype of input `i`, whose gradient must be wanted.
    pub fn dtype(&self, i: usize) -> DType {
        self.node.edges[i].as_ref().map_or(&self.node.outputs[0], Edge::meta).dtype
    }

    /// The shape of output `i`.
    pub fn out_shape(&self, i: usize) -> &'a [usize] {
        self.node.outputs[i].shape()
    }

    #[cold]
    fn not_saved(&self, what: &str, i: usize) -> Error {
        Error::usage(format!(
            "the derivative of {} reads {what} {i}, which its definition does not save",
            self.op().name
        ))
    }
}
