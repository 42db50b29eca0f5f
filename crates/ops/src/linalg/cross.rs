//! Cross products along the first dim of 3.

use super::linalg_cross::{cross, errors};
use crate::shared::linalg::COMPOSITE;
use crate::shared::view::samples::{int, tensors};
use adjoint_autograd::{Api, Arg, Body, Default, Kind, OpDef, Sample, required};
use adjoint_tensor::Error;
use adjoint_tensor::dims::wrap_dim;
use smallvec::smallvec;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "cross",
    doc: "Returns the cross products of vectors of 3 along `dim`, where it is left out along the first dim of 3 of `input`: \
          `linalg.cross` with another default. Source: PyTorch, `torch.cross`.",
    args: &[Arg::tensor("input"), Arg::tensor("other"), Arg::optional("dim", Kind::Int, Default::None)],
    surface: &[Api::Function, Api::Method],
    body: Body::Composite(|inputs, attrs| {
        let (a, b) = (required(inputs, 0), required(inputs, 1));
        let dim = match attrs.opt_int(0) {
            Some(dim) => wrap_dim(dim, a.rank().max(1))?,
            None => a.shape().iter().position(|n| *n == 3).ok_or_else(|| {
                Error::shape(format!("one dimension of input must have length 3, got shape {:?}", a.shape()))
            })?,
        };
        Ok(smallvec![cross(a, b, dim)?])
    }),
    samples: || {
        let last = tensors("a last dim", &[&[3, 3], &[3, 3]]).args;
        vec![
            tensors("the first of 3", &[&[3, 2], &[3, 2]]),
            Sample::new("a last dim", last.into_iter().chain([int(-1).into()]).collect()),
        ]
    },
    errors,
    ..COMPOSITE
}
.shipped();
