//! Gated and parametric units.

use super::reduction::one;
use crate::elementwise::{gt::gt, mul::mul, sigmoid::sigmoid, where_::where_};
use crate::invoke::number;
use crate::view::cases::{fails, tensors};
use crate::view::{chunk::chunk, reshape::reshape};
use adjoint_autograd::{Arg, Attrs, Body, Default, Half, Kind, OpDef, Outputs, Sample, SampleTensor, Surface, Tensor};
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Code, Dims, Error, Result};

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

fn prelu(inputs: &[Option<&Tensor>], _: &Attrs) -> Result<Outputs> {
    let [Some(x), Some(weight)] = *inputs else { return Err(Error::usage("expected two tensors")) };
    if x.dtype() != weight.dtype() {
        return Err(Error::dtype(format!(
            "type promotion is not supported, input is {} and weight {}",
            x.dtype().name(),
            weight.dtype().name()
        )));
    }
    let n = weight.numel();
    let channels = if x.rank() < 2 { 1 } else { x.shape()[1] };
    if n != 1 && (x.rank() == 0 || n != channels) {
        return Err(Error::shape(format!(
            "mismatch of parameter numbers and input channel size, found parameter numbers = {n} and channel size = {channels}"
        )));
    }
    if weight.rank() > 1 {
        return Err(Error::shape(format!("weight must be a vector or a 0-dim tensor, got shape {:?}", weight.shape())));
    }
    let mut shape = Dims::from_elem(1, x.rank());
    if n != 1 {
        shape[usize::from(x.rank() > 1)] = n;
    }
    let slope = reshape(weight, &shape)?;
    // The factor is chosen, not the product: no infinity that is not chosen meets a gradient of 0.
    let factor = where_(&gt(x, &number(0.0)?)?, &number(1.0)?, &slope)?;
    one(mul(x, &factor)?)
}

const BASE: OpDef = OpDef { surface: &[Surface::Functional], ..OpDef::COMPOSITE };

static GLU: OpDef = OpDef {
    name: "glu",
    doc: "Returns `a · sigmoid(b)`, with `a` and `b` the halves of `input` along `dim`. Source: PyTorch, `torch.nn.functional.glu`.",
    args: &[Arg::tensor("input"), Arg::optional("dim", Kind::Int, Default::Int(-1))],
    body: Body::Composite(glu),
    half: Half::Once,
    samples: || vec![tensors("rows", &[&[2, 4]]), tensors("a vector", &[&[6]])],
    errors: || vec![fails(tensors("an odd size", &[&[2, 3]]), Code::Shape, "must be even")],
    ..BASE
}.shipped();

static PRELU: OpDef = OpDef {
    name: "prelu",
    doc: "Returns `input` where it is positive, else `weight · input`.\n\n\
          `weight` is one number, or one for each channel, which are dim 1 of `input`. Source: PyTorch, `torch.nn.functional.prelu`.",
    args: &[Arg::tensor("input"), Arg::tensor("weight")],
    surface: &[Surface::Functional, Surface::Function, Surface::Method],
    body: Body::Composite(prelu),
    half: Half::Once,
    samples: || {
        let s = |label: &str, shape: &[usize], n: usize| {
            Sample::new(label, vec![SampleTensor::new(shape).avoid(&[0.0]).into(), SampleTensor::new(&[n]).into()])
        };
        vec![s("channels", &[2, 3, 2], 3), s("one slope", &[4], 1)]
    },
    errors: || vec![fails(tensors("two slopes for three channels", &[&[2, 3], &[2]]), Code::Shape, "parameter numbers = 2")],
    ..BASE
}.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&GLU, &PRELU];
