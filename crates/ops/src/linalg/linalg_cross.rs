//! Cross products.

use crate::elementwise::{mul::mul, sub::sub};
use crate::shared::linalg::COMPOSITE;
use crate::shared::view::samples::{fails, int, tensors};
use crate::view::roll::roll;
use adjoint_autograd::{Arg, Body, Default, ErrorSample, Kind, OpDef, Sample, Tensor, required};
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Code, Error, Result};
use smallvec::smallvec;

/// `out_i = a_{i+1} b_{i+2} − a_{i+2} b_{i+1}` along a dim of 3.
pub fn cross(a: &Tensor, b: &Tensor, dim: usize) -> Result<Tensor> {
    if a.rank() != b.rank() || a.rank() == 0 {
        return Err(Error::shape(format!(
            "inputs must have the same number of dimensions, got {:?} and {:?}",
            a.shape(),
            b.shape()
        )));
    }
    if a.shape()[dim] != 3 || b.shape()[dim] != 3 {
        return Err(Error::shape(format!(
            "inputs dimension {dim} must have length 3, got {:?} and {:?}",
            a.shape(),
            b.shape()
        )));
    }
    let first = mul(&roll(a, -1, dim)?, &roll(b, -2, dim)?)?;
    sub(&first, &mul(&roll(a, -2, dim)?, &roll(b, -1, dim)?)?)
}

/// Shapes that are refused.
pub(super) fn errors() -> Vec<ErrorSample> {
    vec![
        fails(tensors("pairs", &[&[2, 2], &[2, 2]]), Code::Shape, "must have length 3"),
        fails(tensors("other ranks", &[&[2, 3], &[3]]), Code::Shape, "same number of dimensions"),
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "linalg_cross",
    doc: "Returns the cross products of vectors of 3 along `dim`.\n\n\
          **Shapes**: both have 3 elements along `dim`, the last where it is left out, and as many dims; the others broadcast. Source: \
          PyTorch, `torch.linalg.cross`.",
    args: &[Arg::tensor("input"), Arg::tensor("other"), Arg::optional("dim", Kind::Int, Default::Int(-1))],
    body: Body::Composite(|inputs, attrs| {
        let (a, b) = (required(inputs, 0), required(inputs, 1));
        let dim = wrap_dim(attrs.opt_int(0).unwrap_or(-1), a.rank().max(1))?;
        Ok(smallvec![cross(a, b, dim)?])
    }),
    samples: || {
        let first = tensors("a first dim", &[&[3, 2], &[3, 1]]).args;
        vec![
            tensors("vectors", &[&[3], &[3]]),
            tensors("that broadcast", &[&[1, 3], &[2, 3]]),
            Sample::new("a first dim", first.into_iter().chain([int(0).into()]).collect()),
        ]
    },
    errors,
    ..COMPOSITE
}
.shipped();
