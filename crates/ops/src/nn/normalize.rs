//! Vectors brought to length 1, and what is measured between vectors.

use crate::elementwise::{add::add, clamp_min::clamp_min, div::div, mul::mul, sub::sub};
use crate::invoke::number;
use crate::reduce::{sum::sum_dims, vector_norm::vector_norm};
use crate::shared::nn::reduction::one;
use crate::shared::view::samples::{fails, tensors};
use crate::view::broadcast_to::broadcast_to;
use adjoint_autograd::{Api, Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Sample, SampleTensor, Tensor};
use adjoint_tensor::dims::{broadcast, wrap_dim};
use adjoint_tensor::{Code, Error, Result, Scalar};

fn pair(inputs: &[Option<&Tensor>]) -> Result<(Tensor, Tensor)> {
    let [Some(a), Some(b)] = *inputs else { return Err(Error::usage("expected two tensors")) };
    let shape = broadcast(a.shape(), b.shape())?;
    Ok((broadcast_to(a, &shape)?, broadcast_to(b, &shape)?))
}

fn normalize(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = inputs[0].ok_or_else(|| Error::usage("expected a tensor"))?;
    let dims = match attrs.opt_ints(1) {
        Some(dims) => dims.iter().map(|&d| wrap_dim(d, x.rank())).collect::<Result<Vec<_>>>()?,
        None => vec![wrap_dim(1, x.rank())?],
    };
    let norm = vector_norm(x, attrs.opt_float(0).unwrap_or(2.0), &dims, true, None)?;
    one(div(x, &clamp_min(&norm, Scalar::Float(attrs.opt_float(2).unwrap_or(1e-12)))?)?)
}

fn cosine_similarity(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (a, b) = pair(inputs)?;
    if !a.dtype().is_float() || !b.dtype().is_float() {
        return Err(Error::dtype(format!(
            "expected floating-point tensors, got {} and {}",
            a.dtype().name(),
            b.dtype().name()
        )));
    }
    let dim = wrap_dim(attrs.opt_int(0).unwrap_or(1), a.rank())?;
    let eps = Scalar::Float(attrs.opt_float(1).unwrap_or(1e-8));
    // Each vector is divided by its own norm, which neither overflows nor leaves [−1, 1] by more
    // than rounding.
    let unit = |t: &Tensor| {
        let norm = if t.rank() == 0 {
            vector_norm(t, 2.0, &[], false, None)?
        } else {
            vector_norm(t, 2.0, &[dim], true, None)?
        };
        div(t, &clamp_min(&norm, eps)?)
    };
    let product = mul(&unit(&a)?, &unit(&b)?)?;
    one(if product.rank() == 0 { product } else { sum_dims(&product, &[dim], false)? })
}

fn pairwise_distance(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (a, b) = pair(inputs)?;
    let difference = add(&sub(&a, &b)?, &number(attrs.opt_float(1).unwrap_or(1e-6))?)?;
    let p = attrs.opt_float(0).unwrap_or(2.0);
    let dims = if difference.rank() == 0 { vec![] } else { vec![difference.rank() - 1] };
    one(vector_norm(&difference, p, &dims, attrs.get_bool(2), None)?)
}

const BASE: OpDef = OpDef { surface: &[Api::Functional], ..OpDef::COMPOSITE };

static NORMALIZE: OpDef = OpDef {
    name: "normalize",
    doc: "Returns `input` divided by its `p`-norm over `dim`, or by `eps` where that is greater. Source: PyTorch, \
          `torch.nn.functional.normalize`.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("p", Kind::Float, Default::Float(2.0)),
        Arg::optional("dim", Kind::Ints, Default::Int(1)),
        Arg::optional("eps", Kind::Float, Default::Float(1e-12)),
    ],
    body: Body::Composite(normalize),
    samples: || {
        let s = |label: &str, p: f64, dim: i64| {
            let x = SampleTensor::new(&[2, 3]).avoid(&[0.0]).distinct();
            Sample::new(label, vec![x.into(), Attr::Float(p).into(), Attr::Ints([dim][..].into()).into()])
        };
        vec![s("rows", 2.0, 1), s("columns, absolute values", 1.0, 0)]
    },
    ..BASE
}
.shipped();

static COSINE_SIMILARITY: OpDef = OpDef {
    name: "cosine_similarity",
    doc: "Returns the cosine of the angle between the vectors along `dim` of `x1` and `x2`: their product divided by their lengths, each \
          taken as `eps` at least.\n\nShapes broadcast. Source: PyTorch, `torch.nn.functional.cosine_similarity`.",
    args: &[
        Arg::tensor("x1"),
        Arg::tensor("x2"),
        Arg::optional("dim", Kind::Int, Default::Int(1)),
        Arg::optional("eps", Kind::Float, Default::Float(1e-8)),
    ],
    surface: &[Api::Functional, Api::Function],
    body: Body::Composite(cosine_similarity),
    samples: || vec![tensors("rows", &[&[2, 3], &[2, 3]]), tensors("broadcast", &[&[2, 3], &[1, 3]])],
    errors: || vec![fails(tensors("shapes that do not broadcast", &[&[2, 3], &[4, 3]]), Code::Shape, "[2, 3]")],
    ..BASE
}.shipped();

static PAIRWISE_DISTANCE: OpDef = OpDef {
    name: "pairwise_distance",
    doc: "Returns the `p`-norm of `x1 − x2 + eps` over the last dim. Shapes broadcast. Source: PyTorch, \
          `torch.nn.functional.pairwise_distance`.",
    args: &[
        Arg::tensor("x1"),
        Arg::tensor("x2"),
        Arg::optional("p", Kind::Float, Default::Float(2.0)),
        Arg::optional("eps", Kind::Float, Default::Float(1e-6)),
        Arg::optional("keepdim", Kind::Bool, Default::Bool(false)),
    ],
    surface: &[Api::Functional, Api::Function],
    node: "NormBackward1",
    body: Body::Composite(pairwise_distance),
    samples: || vec![tensors("rows", &[&[2, 3], &[2, 3]]), tensors("broadcast", &[&[2, 3], &[3]])],
    ..BASE
}
.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&COSINE_SIMILARITY, &NORMALIZE, &PAIRWISE_DISTANCE];
