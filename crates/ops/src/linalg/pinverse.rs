//! The pseudoinverse of matrices, by the older name.

use super::pinv::pinv;
use crate::shared::linalg::COMPOSITE;
use crate::shared::view::samples::{call, fails};
use adjoint_autograd::{Api, Arg, Body, Default, Kind, OpDef, required};
use adjoint_tensor::Code;
use smallvec::smallvec;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "pinverse",
    doc: "Returns the pseudoinverse of matrices: `linalg.pinv`, with another default of the relative tolerance. Source: PyTorch, \
          `torch.pinverse`.",
    args: &[Arg::tensor("input"), Arg::optional("rcond", Kind::Float, Default::Float(1e-15))],
    surface: &[Api::Function, Api::Method],
    body: Body::Composite(|inputs, attrs| {
        Ok(smallvec![pinv(required(inputs, 0), Some(attrs.opt_float(0).unwrap_or(1e-15)))?])
    }),
    samples: || vec![call("tall", &[4, 2], []), call("a wide batch", &[2, 2, 3], [])],
    errors: || vec![fails(call("a vector", &[3], []), Code::Shape, "at least 2 dimensions")],
    ..COMPOSITE
}
.shipped();
