//! Gated linear units.

use crate::elementwise::{mul::mul, sigmoid::sigmoid};
use crate::shared::nn::reduction::one;
use crate::shared::view::samples::{fails, tensors};
use crate::view::chunk::chunk;
use adjoint_autograd::{Api, Arg, Attrs, Body, Default, Half, Kind, OpDef, Outputs, Tensor};
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Code, Error, Result};

fn glu(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = inputs[0].ok_or_else(|| Error::usage("expected a tensor"))?;
    if x.rank() == 0 {
        return Err(Error::shape("glu does not support 0-dimensional tensors"));
    }
    let dim = wrap_dim(attrs.opt_int(0).unwrap_or(-1), x.rank())?;
    let n = x.shape()[dim];
    if n % 2 != 0 {
        return Err(Error::shape(format!("halving dimension must be even, but dim {dim} has size {n}")));
    }
    let halves = chunk(x, 2, dim)?;
    one(mul(&halves[0], &sigmoid(&halves[1])?)?)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "glu",
    doc: "Returns `a · sigmoid(b)`, with `a` and `b` the halves of `input` along `dim`. Source: PyTorch, `torch.nn.functional.glu`.",
    args: &[Arg::tensor("input"), Arg::optional("dim", Kind::Int, Default::Int(-1))],
    surface: &[Api::Functional],
    node: "GluBackward0",
    body: Body::Composite(glu),
    half: Half::Once,
    samples: || vec![tensors("rows", &[&[2, 4]]), tensors("a vector", &[&[6]])],
    errors: || vec![fails(tensors("an odd size", &[&[2, 3]]), Code::Shape, "must be even")],
    ..OpDef::COMPOSITE
}
.shipped();
