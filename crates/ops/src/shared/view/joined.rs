//! Gradients of several views of one tensor, put together.

use adjoint_autograd::{Backward, Tensor};
use adjoint_tensor::{Array, Result};

/// `join` (`cat` or `stack`) of the gradients of all outputs along `dim`, zeros where there is
/// none.
pub(crate) fn gradients(
    b: &Backward,
    join: fn(&[&Tensor], usize) -> Result<Tensor>,
    outputs: usize,
    dim: usize,
) -> Result<Tensor> {
    let grads: Vec<Tensor> = (0..outputs)
        .map(|i| match b.grad(i) {
            Some(g) => Ok(g.clone()),
            None => Ok(Tensor::from_array(Array::zeros(b.out_shape(i), b.dtype(0))?)),
        })
        .collect::<Result<_>>()?;
    join(&grads.iter().collect::<Vec<_>>(), dim)
}
