//! Integrals by the trapezoidal rule.

use super::cumsum::cumsum;
use super::sum::sum_dims;
use crate::elementwise::{add::add, mul::mul, sub::sub};
use crate::invoke::number;
use crate::shared::view::samples::{call, fails};
use crate::view::{narrow::narrow, reshape::reshape};
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Sample, SampleTensor, Tensor, given, required,
};
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Code, Dims, Error, Result};
use smallvec::smallvec;

/// Twice the area between neighbours along `dim`.
fn areas(y: &Tensor, x: Option<&Tensor>, dx: f64, dim: usize) -> Result<Tensor> {
    let n = y.shape()[dim];
    let pairs = |t: &Tensor, d: usize| -> Result<[Tensor; 2]> {
        Ok([narrow(t, d, 0, n.saturating_sub(1))?, narrow(t, d, n.min(1), n.saturating_sub(1))?])
    };
    let [left, right] = pairs(y, dim)?;
    let sums = add(&left, &right)?;
    let Some(x) = x else { return mul(&sums, &number(dx)?) };
    // A vector lies along the dim; fewer dims are the last ones.
    let mut shape = Dims::from_elem(1, y.rank());
    if x.rank() == 1 {
        shape[dim] = x.numel();
    } else {
        for (to, &from) in shape.iter_mut().rev().zip(x.shape().iter().rev()) {
            *to = from;
        }
    }
    if x.rank() > y.rank() || shape[dim] != n {
        return Err(Error::shape(format!(
            "there must be one x value for each sample point, got shapes {:?} and {:?}",
            x.shape(),
            y.shape()
        )));
    }
    let [left, right] = pairs(&reshape(x, &shape)?, dim)?;
    mul(&sub(&right, &left)?, &sums)
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs, running: bool) -> Result<Outputs> {
    let (y, x) = (required(inputs, 0), given(inputs, 1));
    // Without x, dx comes before dim.
    let (dx, dim) =
        if x.is_some() { (1.0, attrs.opt_int(0)) } else { (attrs.opt_float(0).unwrap_or(1.0), attrs.opt_int(1)) };
    let dim = wrap_dim(dim.unwrap_or(-1), y.rank())?;
    if y.rank() == 0 {
        return Err(Error::shape("expected at least one dim, got a 0-dim tensor"));
    }
    let areas = areas(y, x, dx, dim)?;
    let sum = if running { cumsum(&areas, dim)? } else { sum_dims(&areas, &[dim], false)? };
    Ok(smallvec![mul(&sum, &number(0.5)?)?])
}

const DIM: Arg = Arg::optional("dim", Kind::Int, Default::Int(-1));

fn with_x() -> Vec<Sample> {
    let s = |label, y: &[usize], x: &[usize], dim| {
        Sample::new(label, vec![SampleTensor::new(y).into(), SampleTensor::new(x).into(), Attr::Int(dim).into()])
    };
    vec![s("rows", &[2, 4], &[2, 4], 1), s("a vector of places", &[3, 2], &[3], 0)]
}

fn spaced() -> Vec<Sample> {
    vec![call("a vector", &[5], []), call("columns", &[3, 2], [Attr::Float(2.0), Attr::Int(0)])]
}

/// The ops.
pub static DEFS: &[&OpDef] = &[&CUMULATIVE, &CUMULATIVE_DX, &TRAPEZOID, &TRAPEZOID_DX, &TRAPZ, &TRAPZ_DX];

static TRAPEZOID: OpDef = OpDef {
    name: "trapezoid",
    doc: "Returns the integral of samples `y` along `dim` by the trapezoidal rule: at places `x`, or spaced by `dx`.\n\n\
          `x` is a vector along `dim`, or broadcasts to `y`. Source: PyTorch, `torch.trapezoid`.",
    args: &[Arg::tensor("y"), Arg::tensor("x"), DIM],
    surface: &[Api::Function],
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, false)),
    samples: with_x,
    errors: || vec![fails(Sample::new("other places", vec![SampleTensor::new(&[3]).into(), SampleTensor::new(&[2]).into()]), Code::Shape, "one x value")],
    ..OpDef::COMPOSITE
}
.shipped();

static TRAPEZOID_DX: OpDef = OpDef {
    name: "trapezoid.dx",
    args: &[Arg::tensor("y"), Arg::optional("dx", Kind::Factor, Default::Int(1)), DIM],
    samples: spaced,
    errors: || vec![fails(call("a 0-dim tensor", &[], [] as [Attr; 0]), Code::Shape, "at least one dim")],
    ..TRAPEZOID
}
.shipped();

static TRAPZ: OpDef =
    OpDef { name: "trapz", doc: "Another name of `trapezoid`. Source: PyTorch, `torch.trapz`.", ..TRAPEZOID }.shipped();

static TRAPZ_DX: OpDef =
    OpDef { name: "trapz.dx", doc: "Another name of `trapezoid`. Source: PyTorch, `torch.trapz`.", ..TRAPEZOID_DX }
        .shipped();

static CUMULATIVE: OpDef = OpDef {
    name: "cumulative_trapezoid",
    doc: "Returns the running integral of samples `y` along `dim` by the trapezoidal rule: at places `x`, or spaced by \
          `dx`.\n\n\
          The dim is shorter by one. Source: PyTorch, `torch.cumulative_trapezoid`.",
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, true)),
    ..TRAPEZOID
}
.shipped();

static CUMULATIVE_DX: OpDef = OpDef {
    name: "cumulative_trapezoid.dx",
    body: Body::Composite(|inputs, attrs| body(inputs, attrs, true)),
    doc: "The same with samples spaced by `dx`.",
    ..TRAPEZOID_DX
}
.shipped();
