//! The gradients a backward pass starts from.

use crate::graph::node::Edge;
use crate::graph::tensor::Tensor;
use crate::op::required;
use adjoint_tensor::{Array, Error, Result, Scalar, scratch};

/// Edges, with the gradients that start there.
pub(super) type Seeds = Vec<(Edge, Tensor)>;

/// Checks the gradients given for the roots and supplies missing ones.
pub(super) fn seeds(roots: &[Tensor], grads: &[Option<Tensor>], create_graph: bool) -> Result<Seeds> {
    if !grads.is_empty() && grads.len() != roots.len() {
        return Err(Error::usage(format!("got {} tensors and {} gradients", roots.len(), grads.len())));
    }
    let mut seeds = scratch::with_room(roots.len())?;
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
                let g = if create_graph { g.clone() } else { g.detach().with_tangents(g.tangents().cloned()) };
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
