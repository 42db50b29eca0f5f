//! The product of tensors of any rank.

use super::{bmm::bmm, dot::dot, mm::mm, mv::mv, stacked_matmul::stacked};
use crate::invoke;
use crate::shared::contract::operands::inner_sizes;
use crate::shared::contract::samples::{call, fails};
use crate::view::{expand::expand, reshape::reshape, squeeze::squeeze, transpose::transpose, unsqueeze::unsqueeze};
use adjoint_autograd::{Api, Arg, Body, ErrorSample, NodeNaming, OpDef, Sample, Tensor, given};
use adjoint_tensor::{DType, Dims, Error, Result, dims};
use smallvec::smallvec;

fn product(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    if a.rank() == 0 || b.rank() == 0 {
        return Err(Error::shape(format!(
            "both operands need at least 1 dim, got lhs {:?} and rhs {:?}; use mul for a 0-dim tensor",
            a.shape(),
            b.shape()
        )));
    }
    inner_sizes(a.shape(), b.shape())?;
    match (a.rank(), b.rank()) {
        (1, 1) => dot(a, b),
        (2, 1) => mv(a, b),
        (1, 2) => mv(&transpose(b, 0, 1)?, a),
        (2, 2) => mm(a, b),
        // A batch against one matrix is one tall product.
        (_, 1 | 2) => {
            let (lead, k) = (&a.shape()[..a.rank() - 1], a.shape()[a.rank() - 1]);
            let rows = reshape(a, &[lead.iter().product(), k])?;
            let out = product(&rows, b)?;
            let mut shape = Dims::from_slice(lead);
            shape.extend(b.shape().get(1).copied());
            reshape(&out, &shape)
        }
        (1, _) => squeeze(&batches(&unsqueeze(a, 0)?, b)?, b.rank() - 2),
        _ => batches(a, b),
    }
}

/// Batches of matrices, their leading dims broadcast. Floats are read where they are stored.
fn batches(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let split = |t: &'_ Tensor| t.rank() - 2;
    let (na, nb) = (split(a), split(b));
    let lead = dims::broadcast(&a.shape()[..na], &b.shape()[..nb])?;
    let wide = |t: &Tensor, n: usize| -> Result<Tensor> {
        let mut shape = lead.clone();
        shape.extend_from_slice(&t.shape()[n..]);
        if t.shape() == shape.as_slice() { Ok(t.clone()) } else { expand(t, &shape) }
    };
    let (a, b) = (wide(a, na)?, wide(b, nb)?);
    let float = |t: &Tensor| matches!(t.dtype(), DType::Float32 | DType::Float64);
    if lead.len() > 1 && float(&a) && a.dtype() == b.dtype() {
        return stacked(&a, &b);
    }
    let flat = |t: &Tensor| {
        let shape = t.shape();
        reshape(t, &[dims::numel(&lead), shape[lead.len()], shape[lead.len() + 1]])
    };
    let out = bmm(&flat(&a)?, &flat(&b)?)?;
    let mut shape = lead.clone();
    shape.extend_from_slice(&out.shape()[1..]);
    reshape(&out, &shape)
}

fn samples() -> Vec<Sample> {
    vec![
        call("two vectors", &[&[3], &[3]]),
        call("a matrix and a vector", &[&[2, 3], &[3]]),
        call("a vector and a matrix", &[&[3], &[3, 2]]),
        call("two matrices", &[&[2, 3], &[3, 4]]),
        call("a batch and a matrix", &[&[2, 2, 3], &[3, 2]]),
        call("a batch and a vector", &[&[2, 2, 3], &[3]]),
        call("a vector and a batch", &[&[3], &[2, 3, 2]]),
        call("a matrix and a batch", &[&[2, 3], &[2, 3, 2]]),
        call("batches that broadcast", &[&[2, 1, 2, 3], &[3, 3, 2]]),
        call("an empty batch", &[&[0, 2, 3], &[3, 2]]),
    ]
}

fn errors() -> Vec<ErrorSample> {
    vec![
        fails("inner sizes that differ", &[&[2, 3], &[4, 5]], "lhs [2, 3] has k=3 but rhs [4, 5] has k=4"),
        fails("batches that do not broadcast", &[&[2, 2, 3], &[3, 3, 2]], "cannot be broadcast"),
        fails("a 0-dim tensor", &[&[], &[2]], "at least 1 dim"),
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "matmul",
    doc: "Returns the product of two tensors: of vectors, matrices, or batches of matrices.\n\n\
          Two vectors give their inner product, a matrix and a vector a vector, two matrices a matrix. With more dims, the last \
          two are matrices and the ones before broadcast; a vector on the left counts as one row and on the right as one column, \
          and that dim disappears from the result. Inner sizes and dtypes must be equal. Transposed operands are read where they lie. \
          Source: PyTorch, `torch.matmul`.",
    args: &[Arg::tensor("input"), Arg::tensor("other")],
    surface: &[Api::Function, Api::Method, Api::Linalg],
    shown: NodeNaming::of_result(|inputs, _| match [0, 1].map(|i| given(inputs, i).map_or(0, Tensor::rank)) {
        // One product; of a matrix and a batch PyTorch's name depends on which of them wants a gradient.
        [1 | 2, 1] | [2, _] => "",
        [1, 2] => "SqueezeBackward4",
        _ => "UnsafeViewBackward0",
    }),
    body: Body::Composite(|inputs, _| match *inputs {
        [Some(a), Some(b)] => Ok(smallvec![product(a, b)?]),
        _ => Err(Error::usage("expected two tensors")),
    }),
    samples,
    errors,
    ..OpDef::COMPOSITE
}
.shipped();

/// The product of two tensors of any rank.
pub fn matmul(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, a, b)
}
