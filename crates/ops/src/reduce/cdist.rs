//! Distances between all pairs of rows.

use super::sum::sum_dims;
use super::vector_norm::{self, vector_norm};
use crate::elementwise::{neg::neg, sub::sub};
use crate::invoke;
use crate::shared::reduce::pair_distances;
use crate::view::{expand::expand, reshape::reshape, unsqueeze::unsqueeze};
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Backward, Body, Call, ErrorSample, Facts, Grads, Kind, OpDef, Outputs, Sample, SampleTensor,
    Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_kernels::reduce::Pairs;
use adjoint_tensor::{Array, Code, Dims, Error, Meta, Result, dims};
use smallvec::smallvec;

/// The ops: the distances, and the kernel for batches of matrices.
pub static DEFS: &[&OpDef] = &[&KERNEL, &DEF];

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (Some(a), Some(b)) = (inputs[0], inputs[1]) else { return Err(Error::usage("expected two tensors")) };
    let p = attrs.opt_float(0).unwrap_or(2.0);
    if p < 0.0 {
        return Err(Error::usage(format!("cdist only supports non-negative p values, got {p}")));
    }
    if a.rank() < 2 || b.rank() < 2 || a.shape().last() != b.shape().last() {
        return Err(Error::shape(format!(
            "x1 [..., P, M] and x2 [..., R, M] need at least 2 dims and the same M, got {:?} and {:?}",
            a.shape(),
            b.shape()
        )));
    }
    if a.dtype() == b.dtype() && pair_distances::kind(p, a.dtype()).is_some() {
        return Ok(smallvec![of_matrices(a, b, p)?]);
    }
    let difference = sub(&unsqueeze(a, a.rank() - 1)?, &unsqueeze(b, b.rank() - 2)?)?;
    Ok(smallvec![vector_norm(&difference, p, &[difference.rank() - 1], false, None)?])
}

/// The distances by the kernel, with the leading dims as one.
fn of_matrices(a: &Tensor, b: &Tensor, p: f64) -> Result<Tensor> {
    let lead = |t: &Tensor| Dims::from_slice(&t.shape()[..t.rank() - 2]);
    let lead = dims::broadcast(&lead(a), &lead(b))?;
    let count: usize = lead.iter().product();
    let whole = |t: &Tensor| -> Result<Tensor> {
        let matrix = &t.shape()[t.rank() - 2..];
        let wide: Dims = lead.iter().chain(matrix).copied().collect();
        reshape(&expand(t, &wide)?, &[count, matrix[0], matrix[1]])
    };
    let attrs = Attrs::new().float(p);
    let out = invoke::with(&KERNEL, &[Some(&whole(a)?), Some(&whole(b)?)], attrs)?;
    let shape: Dims = lead.iter().chain(&out.shape()[1..]).copied().collect();
    reshape(&out, &shape)
}

fn order(attrs: &Attrs) -> f64 {
    attrs.opt_float(0).unwrap_or(2.0)
}

fn pairs(x: &[usize], y: &[usize]) -> Pairs {
    Pairs { batches: x[0], rows: x[1], others: y[1], width: x[2], triangle: false }
}

fn rule(call: &Facts) -> Result<Specs> {
    let (x, y): (&Meta, &Meta) = (call.input(0), call.input(1));
    Ok(Spec::one([x.shape()[0], x.shape()[1], y.shape()[1]], x.dtype()))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (x, y) = (call.input(0).contiguous()?, call.input(1).contiguous()?);
    let Some(kind) = pair_distances::kind(order(call.attrs), x.dtype()) else {
        return Err(Error::usage("expected distances of order 1, 2 or 3"));
    };
    pair_distances::distances(&x, &y, pairs(x.shape(), y.shape()), kind, &mut outs[0])
}

/// By the kernel where only values are wanted, else the gradients of the differences.
fn vjp(b: &Backward) -> Result<Grads> {
    let (g, x, y, distance, p) = (b.g(), b.input(0)?, b.input(1)?, b.output(0)?, order(b.attrs()));
    if let Some(kind) = pair_distances::kind(p, g.dtype()).filter(|_| b.is_value_only()) {
        let scales = pair_distances::scales(g.array(), distance.array(), kind)?;
        let (x, y) = (x.array().contiguous()?, y.array().contiguous()?);
        let there = pairs(x.shape(), y.shape());
        let (rows, others) = (there.rows, there.others);
        let back = Pairs { rows: others, others: rows, ..there };
        let gradient = |wanted: bool, x: &Array, y: &Array, pairs: Pairs, row: usize, column: usize| {
            let place = |batch: usize, i: usize, j: usize| batch * rows * others + i * row + j * column;
            let made = wanted.then(|| pair_distances::gradient(x, y, pairs, kind, &scales, place)).transpose()?;
            Ok(made.map(Tensor::from_array))
        };
        let dx = gradient(b.wants(0), &x, &y, there, others, 1)?;
        return Ok(smallvec![dx, gradient(b.wants(1), &y, &x, back, 1, others)?]);
    }
    let difference = sub(&unsqueeze(&x, 2)?, &unsqueeze(&y, 1)?)?;
    let d = vector_norm::gradient(g, &difference, &distance, p, &[3], false)?;
    Ok(smallvec![Some(sum_dims(&d, &[2], false)?), Some(neg(&sum_dims(&d, &[1], false)?)?)])
}

static KERNEL: OpDef = OpDef {
    name: "_cdist",
    part_of: "cdist",
    doc: "The distances of order 1, 2 or 3 between the rows of `x1: [B, P, M]` and of `x2: [B, R, M]`, `[B, P, R]`.",
    args: &[Arg::tensor("x1"), Arg::tensor("x2"), Arg::required("p", Kind::Float)],
    node: "CdistBackward0",
    surface: &[],
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(vjp),
    saves: Saves { inputs: &[0b11, 0b11], outputs: &[1, 1] },
    samples: || {
        let t = SampleTensor::new;
        let sample = |label: &str, p: f64| {
            Sample::new(label, vec![t(&[2, 3, 2]).into(), t(&[2, 4, 2]).distinct().into(), Attr::Float(p).into()])
        };
        vec![sample("order 1", 1.0), sample("order 2", 2.0), sample("order 3", 3.0)]
    },
    ..OpDef::BASE
}
.shipped();

static DEF: OpDef = OpDef {
    name: "cdist",
    doc: "Returns the `p`-norm of the difference of each row of `x1` and each row of `x2`.\n\n\
          `x1: [*, P, M]`, `x2: [*, R, M]`, result `[*, P, R]`; the leading dims broadcast. The gradient at a distance of 0 is \
          0. Differences are always taken, never expanded into a product, whatever `compute_mode` says; where `p` is not \
          1, 2 or 3, or the gradient is itself differentiated, that costs memory for all P·R·M of them. \
          Source: PyTorch, `torch.cdist`.",
    args: &[
        Arg::tensor("x1"),
        Arg::tensor("x2"),
        Arg::optional("p", Kind::Float, Default::Float(2.0)),
        Arg::optional(
            "compute_mode",
            Kind::Choice(&[
                "use_mm_for_euclid_dist_if_necessary",
                "use_mm_for_euclid_dist",
                "donot_use_mm_for_euclid_dist",
            ]),
            Default::Word("use_mm_for_euclid_dist_if_necessary"),
        ),
    ],
    surface: &[Api::Function],
    body: Body::Composite(body),
    samples: || {
        let t = SampleTensor::new;
        vec![
            Sample::new("two matrices", vec![t(&[3, 2]).into(), t(&[4, 2]).into()]),
            Sample::new("batches", vec![t(&[2, 1, 3]).into(), t(&[2, 2, 3]).into()]),
        ]
    },
    errors: || {
        let t = SampleTensor::new;
        vec![ErrorSample {
            sample: Sample::new("rows of different lengths", vec![t(&[3, 2]).into(), t(&[4, 3]).into()]),
            code: Code::Shape,
            message: "[4, 3]",
        }]
    },
    ..OpDef::COMPOSITE
}
.shipped();
