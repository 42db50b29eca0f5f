//! Kronecker products.

use crate::elementwise::mul::mul;
use crate::shared::linalg::COMPOSITE;
use crate::shared::view::samples::tensors;
use crate::view::reshape::reshape;
use adjoint_autograd::{Api, Arg, Body, OpDef, Outputs, Tensor, required};
use adjoint_tensor::{Dims, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>]) -> Result<Outputs> {
    let (a, b) = (required(inputs, 0), required(inputs, 1));
    let rank = a.rank().max(b.rank());
    let size = |t: &Tensor, d: usize| (d + t.rank()).checked_sub(rank).map_or(1, |d| t.shape()[d]);
    // Each dim of the result is one of `a` and one of `b` behind it.
    let first: Dims = (0..rank).flat_map(|d| [size(a, d), 1]).collect();
    let second: Dims = (0..rank).flat_map(|d| [1, size(b, d)]).collect();
    let shape: Dims = (0..rank).map(|d| size(a, d) * size(b, d)).collect();
    Ok(smallvec![reshape(&mul(&reshape(a, &first)?, &reshape(b, &second)?)?, &shape)?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "kron",
    doc: "Returns the Kronecker product of two tensors: each element of `input` times all of `other`, in its place.\n\n\
          **Shapes**: of fewer dims the missing ones in front count as 1; each size of the result is the product of both. Dtypes promote. \
          Source: PyTorch, `torch.kron`.",
    args: &[Arg::tensor("input"), Arg::tensor("other")],
    surface: &[Api::Function, Api::Method],
    body: Body::Composite(|inputs, _| body(inputs)),
    samples: || {
        vec![
            tensors("matrices", &[&[2, 3], &[3, 2]]),
            tensors("a vector", &[&[2], &[2, 2]]),
            tensors("a number", &[&[], &[3]]),
        ]
    },
    ..COMPOSITE
}
.shipped();
