//! Softmax of the negative.

use super::softmax::{ARGS, samples};
use crate::elementwise::{neg::neg, to::to};
use crate::shared::reduce::samples;
use adjoint_autograd::{Api, Body, OpDef};
use adjoint_tensor::Error;
use smallvec::smallvec;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "softmin",
    doc: "Returns `softmax(−input)` along `dim`. `dtype` casts first. Source: PyTorch, `torch.nn.functional.softmin`.",
    args: ARGS,
    surface: &[Api::Functional],
    body: Body::Composite(|inputs, attrs| {
        let x = inputs[0].ok_or_else(|| Error::usage("expected a tensor"))?;
        let dim = crate::shared::dims::dim_of(attrs, 0, x.rank())?;
        let x = match attrs.opt_dtype(1) {
            Some(dtype) => to(x, dtype)?,
            None => x.clone(),
        };
        Ok(smallvec![super::softmax::softmax(&neg(&x)?, dim)?])
    }),
    samples,
    errors: samples::wrong_dim,
    ..OpDef::COMPOSITE
}
.shipped();
