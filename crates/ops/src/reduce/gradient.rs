//! Slopes of samples along dims.

use crate::elementwise::{add::add, div::div, mul::mul, sub::sub, to::to};
use crate::shared::reduce::samples::{call, ints};
use crate::shared::view::samples::{fails, int};
use crate::view::{cat::cat, narrow::narrow, reshape::reshape};
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Sample, SampleTensor, Tensor, required,
};
use adjoint_tensor::dims::wrap_dims;
use adjoint_tensor::promotion::to_float;
use adjoint_tensor::{Code, Dims, Error, Result};
use smallvec::SmallVec;

/// How far samples are apart along a dim.
enum Spacing<'a> {
    Even(f64),
    At(&'a Tensor),
}

/// The distances of neighbours, in the rank of `x`.
fn distances(x: &Tensor, dim: usize, spacing: &Spacing) -> Result<Tensor> {
    let n = x.shape()[dim];
    match spacing {
        Spacing::Even(h) => crate::create::full::full(&along(x, dim, n - 1), *h, x.dtype()),
        Spacing::At(places) => {
            if places.shape() != [n] {
                return Err(Error::shape(format!(
                    "expected a vector of {n} places for dim {dim}, got shape {:?}",
                    places.shape()
                )));
            }
            let steps = sub(&narrow(places, 0, 1, n - 1)?, &narrow(places, 0, 0, n - 1)?)?;
            reshape(&to(&steps, x.dtype())?, &along(x, dim, n - 1))
        }
    }
}

/// A shape of ones but for `n` at `dim`.
fn along(x: &Tensor, dim: usize, n: usize) -> Dims {
    let mut shape = Dims::from_elem(1, x.rank());
    shape[dim] = n;
    shape
}

/// The slopes along `dim`: inside by the parabola through three neighbours, at the ends by a line or, with order 2, by
/// that parabola too.
fn slopes(x: &Tensor, dim: usize, spacing: &Spacing, order: i64) -> Result<Tensor> {
    let n = x.shape()[dim];
    let h = distances(x, dim, spacing)?;
    let lines = div(&sub(&narrow(x, dim, 1, n - 1)?, &narrow(x, dim, 0, n - 1)?)?, &h)?;
    let line = |i: usize| narrow(&lines, dim, i, 1);
    let mut parts: SmallVec<[Tensor; 3]> = SmallVec::new();
    let ends = if order == 1 {
        [line(0)?, line(n - 2)?]
    } else {
        // The line, less what it is off by: half a step of the second difference, weighted by the distances.
        let off = |i: usize, near: usize, far: usize| -> Result<Tensor> {
            let (a, b) = (narrow(&h, dim, near, 1)?, narrow(&h, dim, far, 1)?);
            let bend = div(&sub(&line(near)?, &line(far)?)?, &add(&a, &b)?)?;
            add(&line(i)?, &mul(&a, &bend)?)
        };
        [off(0, 0, 1)?, off(n - 2, n - 2, n - 3)?]
    };
    let [start, end] = ends;
    parts.push(start);
    if n > 2 {
        let (left, right) = (narrow(&h, dim, 0, n - 2)?, narrow(&h, dim, 1, n - 2)?);
        let (before, after) = (narrow(&lines, dim, 0, n - 2)?, narrow(&lines, dim, 1, n - 2)?);
        let weighted = add(&mul(&before, &right)?, &mul(&after, &left)?)?;
        parts.push(div(&weighted, &add(&left, &right)?)?);
    }
    parts.push(end);
    let parts: SmallVec<[&Tensor; 3]> = parts.iter().collect();
    cat(&parts, dim)
}

/// All that was asked for: attributes 1 and 2 are the dims and the order.
fn body(x: &Tensor, spacing: &[Spacing], attrs: &Attrs) -> Result<Outputs> {
    let dims = match attrs.opt_ints(1) {
        Some(list) => wrap_dims(list, x.rank())?,
        None => (0..x.rank()).collect(),
    };
    let order = attrs.opt_int(2).unwrap_or(1);
    if order != 1 && order != 2 {
        return Err(Error::usage(format!("only supports edgeOrder 1 and 2, got {order}")));
    }
    // A tensor without dims has one element along dim 0.
    let size = |d: usize| x.shape().get(d).map_or(1, |&n| n as i64);
    if let Some(&d) = dims.iter().find(|&&d| size(d) < order + 1) {
        return Err(Error::usage(format!(
            "expected each dimension size to be at least edgeOrder + 1, got {} for dim {d}",
            size(d)
        )));
    }
    if spacing.len() != 1 && spacing.len() != dims.len() {
        return Err(Error::usage(format!(
            "expected spacing to be one for all dims or one for each of the {} dims, got {}",
            dims.len(),
            spacing.len()
        )));
    }
    let x = to(x, to_float(x.dtype()))?;
    let each = |i: usize| if spacing.len() == 1 { &spacing[0] } else { &spacing[i] };
    dims.iter().enumerate().map(|(i, &d)| slopes(&x, d, each(i), order)).collect()
}

const DIM: Arg = Arg::optional("dim", Kind::Ints, Default::None);
const ORDER: Arg = Arg::optional("edge_order", Kind::Int, Default::Int(1));

/// The ops: evenly spaced, each dim spaced in its own way, and places.
pub static DEFS: &[&OpDef] = &[&EVEN, &LIST, &PLACES];

static EVEN: OpDef = OpDef {
    name: "gradient",
    doc: "Returns the slopes of samples along all dims, or those of `dim`: a list of tensors like `input`.\n\n\
          `spacing` is the distance of samples, a list of one for each dim, or a list of vectors of their places. Inside \
          exact for parabolas; at the ends for lines, or with `edgeOrder` 2 for parabolas. Integers give float32. \
          Source: PyTorch, `torch.gradient`.",
    args: &[Arg::tensor("input"), Arg::optional("spacing", Kind::Factor, Default::None), DIM, ORDER],
    outputs: &[],
    surface: &[Api::Function],
    body: Body::Composite(|inputs, attrs| {
        body(required(inputs, 0), &[Spacing::Even(attrs.opt_float(0).unwrap_or(1.0))], attrs)
    }),
    samples: || {
        vec![
            call("all dims", &[3, 4], []),
            call("one, to the second order", &[4, 2], [Attr::Float(0.5), ints(&[0]), int(2)]),
        ]
    },
    errors: || {
        vec![
            fails(call("order 3", &[3], [Attr::None, Attr::None, int(3)]), Code::Usage, "edgeOrder 1 and 2"),
            fails(call("one row", &[1, 3], []), Code::Usage, "at least edgeOrder + 1"),
        ]
    },
    ..OpDef::COMPOSITE
}
.shipped();

static LIST: OpDef = OpDef {
    name: "gradient.list",
    args: &[Arg::tensor("input"), Arg::required("spacing", Kind::Floats), DIM, ORDER],
    body: Body::Composite(|inputs, attrs| {
        let spacing: SmallVec<[Spacing; 4]> = attrs.get_floats(0)?.iter().map(|&h| Spacing::Even(h)).collect();
        exactly(required(inputs, 0), &spacing, attrs)
    }),
    samples: || vec![call("each dim", &[3, 4], [Attr::Floats([2.0, 0.5].into())])],
    errors: || vec![fails(call("too few", &[3, 3], [Attr::Floats([2.0].into())]), Code::Usage, "for each of 2 dims")],
    ..EVEN
}
.shipped();

static PLACES: OpDef = OpDef {
    name: "gradient.places",
    args: &[Arg::tensor("input"), Arg::required("spacing", Kind::Tensors), DIM, ORDER],
    body: Body::Composite(|inputs, attrs| {
        let places: SmallVec<[Spacing; 4]> = inputs[1..].iter().flatten().map(|t| Spacing::At(t)).collect();
        let shifted = Attrs(std::iter::once(Attr::None).chain(attrs.0.iter().cloned()).collect());
        exactly(required(inputs, 0), &places, &shifted)
    }),
    samples: || {
        let places = |low| SampleTensor::new(&[3]).range(low, low + 3.0).distinct().constant();
        let list = adjoint_autograd::SampleArg::Tensors(vec![Some(places(0.0))]);
        vec![Sample::new("places", vec![SampleTensor::new(&[3, 2]).into(), list, ints(&[0]).into()])]
    },
    errors: Vec::new,
    ..EVEN
}
.shipped();

/// The same where there must be a spacing for each dim.
fn exactly(x: &Tensor, spacing: &[Spacing], attrs: &Attrs) -> Result<Outputs> {
    let dims = attrs.opt_ints(1).map_or(x.rank(), <[i64]>::len);
    if spacing.len() != dims {
        return Err(Error::usage(format!(
            "expected spacing to be a number or one for each of {dims} dims, got {}",
            spacing.len()
        )));
    }
    body(x, spacing, attrs)
}
