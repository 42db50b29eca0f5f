//! The norm of a difference.

use super::vector_norm::vector_norm;
use crate::elementwise::sub::sub;
use crate::shared::view::samples::tensors;
use adjoint_autograd::{Arg, Body, Default, Kind, OpDef};
use adjoint_tensor::Error;
use smallvec::smallvec;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "dist",
    doc: "Returns the `p`-norm of `input − other` over all elements. Shapes broadcast. Source: PyTorch, `torch.dist`.",
    args: &[Arg::tensor("input"), Arg::tensor("other"), Arg::optional("p", Kind::Float, Default::Float(2.0))],
    body: Body::Composite(|inputs, attrs| match *inputs {
        [Some(x), Some(other)] => {
            Ok(smallvec![vector_norm(&sub(x, other)?, attrs.opt_float(0).unwrap_or(2.0), &[], false, None)?])
        }
        _ => Err(Error::usage("expected two tensors")),
    }),
    samples: || vec![tensors("matrices", &[&[2, 3], &[2, 3]]), tensors("broadcast", &[&[2, 3], &[3]])],
    ..OpDef::COMPOSITE
}
.shipped();
