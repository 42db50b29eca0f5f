//! Row-major memory.

use super::clone;
use crate::samples;
use adjoint_autograd::{Arg, Body, Class, OpDef, Surface, Tensor, Vjp};
use adjoint_tensor::Result;
use smallvec::smallvec;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "contiguous",
    doc: "Returns `input` itself where its elements lie row-major without gaps, else a copy that does. \
          Source: PyTorch, `Tensor.contiguous`.",
    args: &[Arg::tensor("input")],
    class: Class::Composite,
    surface: &[Surface::Method],
    body: Body::Composite(|inputs, _| Ok(smallvec![contiguous(inputs[0].expect("a required input is present"))?])),
    vjp: Vjp::Composite,
    samples: samples::unary,
    ..OpDef::BASE
}
.shipped();

/// `x`, or a contiguous copy.
pub fn contiguous(x: &Tensor) -> Result<Tensor> {
    if x.array().is_contiguous() { Ok(x.clone()) } else { clone::clone(x) }
}
