//! Running the derivative of one node, and bringing what it gives into the form of what it is the
//! gradient of.

use crate::dispatch::{dispatch_reusing, hidden};
use crate::graph::modes;
use crate::graph::node::{Edge, Node, NodeKind, OutMeta};
use crate::graph::tensor::Tensor;
use crate::op::interpreter::{self, Section, Untraced};
use crate::op::{Backward, Grads, OpDef, required};
use adjoint_tensor::{Array, Error, Result, dims, memory};
use smallvec::SmallVec;
use std::rc::Rc;

/// The gradients of a node's outputs, `None` where there is none.
pub(super) type OutputGrads = SmallVec<[Option<Tensor>; 1]>;

/// Bytes that the gradient of one input takes in the lists on its way: a generous guess.
const EACH_INPUT: usize = 128;

/// The op of a node whose derivative is a function, where no hook looks at what that takes and
/// gives.
#[inline]
pub(super) fn plain_op(node: &Node) -> Option<&'static OpDef> {
    let NodeKind::Op(record) = &node.kind else { return None };
    (record.op.vjp.function().is_some() && !node.has_hooks()).then_some(record.op)
}

/// Runs the derivative of a node that is not an accumulator: the gradients of its inputs from those
/// of its outputs. `wanted` says of which inputs.
pub(super) fn run_derivative(node: &Rc<Node>, grads: OutputGrads, wanted: &dyn Fn(usize) -> bool) -> Result<Grads> {
    run_at(node, grads, wanted, None)
}

/// The same. `output_at` is the edge of the output where that is not the node itself.
fn run_at(
    node: &Rc<Node>,
    grads: OutputGrads,
    wanted: &dyn Fn(usize) -> bool,
    output_at: Option<Edge>,
) -> Result<Grads> {
    interpreter::section(Section::Derivative(node), || by_kind(node, grads, wanted, output_at))
}

fn by_kind(
    node: &Rc<Node>,
    mut grads: OutputGrads,
    wanted: &dyn Fn(usize) -> bool,
    output_at: Option<Edge>,
) -> Result<Grads> {
    match &node.kind {
        // Its inputs are views made while nothing was recorded: they require grad but lead nowhere.
        NodeKind::Op(_) if (0..node.edges.len()).all(|i| !wanted(i)) => Ok(Grads::new()),
        NodeKind::Op(record) => {
            // Derivatives list the gradients of their inputs where there being no memory could not be an error.
            memory::ensure(node.edges.len().saturating_mul(EACH_INPUT))?;
            let of_op = || of_op(node, record.op, &grads, wanted, output_at);
            let mut found = interpreter::derivative(node, &grads, wanted, of_op)?;
            if modes::recording() && record.op.flat != [0; 2] {
                make_functions(node, record.op.flat, &mut found)?;
            }
            Ok(found)
        }
        NodeKind::CopySlices(copy) => {
            let g = grads[0].as_ref().expect("a node runs only with a gradient");
            let written = if modes::grad_enabled() { copy.written(node)? } else { None };
            copy.backward(g, |inner, g| {
                // The view's own gradient is needed to overwrite it, whether or not the old base
                // wants one.
                let all = |i: usize| i == 0 || wanted(i);
                run_at(inner, std::iter::once(Some(g)).collect(), &all, written)
            })
        }
        NodeKind::Custom(custom) => {
            interpreter::check_traced(Untraced::CustomBackward)?;
            grads.resize(node.outputs.len(), None);
            custom.function.backward(node, &grads)
        }
        NodeKind::Accumulate(_) => unreachable!("the engine accumulates"),
    }
}

/// The derivative of an op's node.
pub(super) fn of_op(
    node: &Rc<Node>,
    op: &'static OpDef,
    grads: &[Option<Tensor>],
    wanted: &dyn Fn(usize) -> bool,
    output_at: Option<Edge>,
) -> Result<Grads> {
    let Some(vjp) = op.vjp.function() else {
        // An in-place op without a derivative: what it wrote does not depend on what was there.
        let edges = node.edges.iter().enumerate();
        return edges.map(|(i, edge)| zeros(edge.as_ref().filter(|_| wanted(i)))).collect();
    };
    let backward = Backward::new(node, grads, wanted).expect("the node is an op's").with_output_at(output_at);
    vjp(&backward).map_err(|e| e.in_op(node.name().as_str()))
}

/// Makes each gradient a function of the inputs in which it is flat, too.
#[cold]
#[inline(never)]
fn make_functions(node: &Node, flat: [u8; 2], found: &mut Grads) -> Result<()> {
    for (mask, g) in flat.into_iter().zip(found) {
        *g = g.take().map(|g| as_function(node, mask, g)).transpose()?;
    }
    Ok(())
}

/// The gradient of an input as a function of the inputs of the mask, in which it is flat, too.
fn as_function(node: &Node, mask: u8, mut g: Tensor) -> Result<Tensor> {
    for (_, edge) in node.edges.iter().take(8).enumerate().filter(|(j, _)| mask >> j & 1 == 1) {
        let Some(edge) = edge else { continue };
        // Of the input only the edge matters.
        let values = Array::zeros(&[], edge.meta().dtype)?;
        let values = values.with_layout(values.layout().expand(edge.meta().shape())?)?;
        g = dispatch_reusing((required::get().flat)(), g, &Tensor::placeholder(values, edge.clone()))?;
    }
    Ok(g)
}

fn zeros(edge: Option<&Edge>) -> Result<Option<Tensor>> {
    edge.map(|e| zeros_of(e.meta())).transpose()
}

/// A gradient of zero for what has this shape and dtype.
pub(super) fn zeros_of(meta: &OutMeta) -> Result<Tensor> {
    Ok(Tensor::from_array(Array::zeros(meta.shape(), meta.dtype)?))
}

/// Brings a gradient to the shape and dtype of what it is the gradient of, or says why it cannot
/// be.
#[inline]
pub(super) fn validate(node: &Node, i: usize, edge: &Edge, g: Tensor) -> Result<Tensor> {
    if edge.meta().fits(g.array()) { Ok(g) } else { made_fit_edge(node, i, edge, g) }
}

#[inline(never)]
fn made_fit_edge(node: &Node, i: usize, edge: &Edge, g: Tensor) -> Result<Tensor> {
    let g = made_fit(node, i, edge.meta(), g)?;
    if g.array().is_batched() { hidden::fit_edge(g, edge) } else { Ok(g) }
}

/// The same where only the shape and dtype are known.
#[inline(never)]
pub(super) fn made_fit(node: &Node, i: usize, meta: &OutMeta, g: Tensor) -> Result<Tensor> {
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
