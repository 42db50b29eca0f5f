//! Distances between the rows of a matrix.

use crate::create::zeros_like::zeros_like;
use crate::elementwise::{neg::neg, sub::sub};
use crate::index::{index_add::index_add, index_select::index_select};
use crate::invoke;
use crate::reduce::vector_norm::{self, vector_norm};
use crate::shared::checks::only;
use crate::shared::reduce::pair_distances;
use crate::shared::view::samples::{call, fails};
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Backward, Body, Call, Default, Facts, Grads, Kind, OpDef, Outputs, Saves, Spec, Specs,
    Tensor, Vjp,
};
use adjoint_kernels::reduce::Pairs;
use adjoint_tensor::{Array, Code, Error, Result, scratch};
use smallvec::smallvec;

/// The ops: the distances, and the kernel.
pub static DEFS: &[&OpDef] = &[&KERNEL, &DEF];

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (x, p) = (only(inputs)?, attrs.opt_float(0).unwrap_or(2.0));
    if x.rank() != 2 {
        return Err(Error::shape(format!("only supports matrices, got shape {:?}", x.shape())));
    }
    if p < 0.0 {
        return Err(Error::usage(format!("only supports non-negative p values, got {p}")));
    }
    if pair_distances::kind(p, x.dtype()).is_some() {
        return Ok(smallvec![invoke::with(&KERNEL, &[Some(x)], Attrs::new().float(p))?]);
    }
    Ok(smallvec![vector_norm(&differences(x)?, p, &[1], false, None)?])
}

fn pairs(x: &[usize]) -> Pairs {
    Pairs { batches: 1, rows: x[0], others: x[0], width: x[1], triangle: true }
}

/// The rows of all pairs.
fn places(n: usize) -> Result<[Vec<i64>; 2]> {
    let count = n * n.saturating_sub(1) / 2;
    let mut pairs = [scratch::filled(0i64, count)?, scratch::filled(0i64, count)?];
    let mut at = 0;
    for i in 0..n {
        for j in i + 1..n {
            (pairs[0][at], pairs[1][at]) = (i as i64, j as i64);
            at += 1;
        }
    }
    Ok(pairs)
}

/// The differences of each row and each one below it.
fn differences(x: &Tensor) -> Result<Tensor> {
    let [above, below] = places(x.shape()[0])?;
    let rows = |at: &[i64]| index_select(x, 0, &Tensor::from_array(Array::from_slice(at, &[at.len()])?));
    sub(&rows(&above)?, &rows(&below)?)
}

fn order(attrs: &Attrs) -> f64 {
    attrs.opt_float(0).unwrap_or(2.0)
}

fn rule(call: &Facts) -> Result<Specs> {
    Ok(Spec::one([pairs(call.input(0).shape()).count()], call.input(0).dtype()))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let x = call.input(0).contiguous()?;
    let Some(kind) = pair_distances::kind(order(call.attrs), x.dtype()) else {
        return Err(Error::usage("expected distances of order 1, 2 or 3"));
    };
    pair_distances::distances(&x, &x, pairs(x.shape()), kind, &mut outs[0])
}

/// By the kernel where only values are wanted, else that of the norm of the differences.
fn vjp(b: &Backward) -> Result<Grads> {
    let (g, x, distance, p) = (b.g(), b.input(0)?, b.output(0)?, order(b.attrs()));
    if let Some(kind) = pair_distances::kind(p, g.dtype()).filter(|_| b.is_value_only()) {
        let scales = pair_distances::scales(g.array(), distance.array(), kind)?;
        let x = x.array().contiguous()?;
        let n = x.shape()[0];
        let place = |_: usize, i: usize, j: usize| {
            let (i, j) = (i.min(j), i.max(j));
            i * (2 * n - i - 1) / 2 + j - i - 1
        };
        let dx = pair_distances::gradient(&x, &x, pairs(x.shape()), kind, &scales, place)?;
        return Ok(smallvec![Some(Tensor::from_array(dx))]);
    }
    let d = vector_norm::gradient(g, &differences(&x)?, &distance, p, &[1], false)?;
    let [above, below] = places(x.shape()[0])?;
    let add = |to: &Tensor, at: &[i64], d: &Tensor| {
        index_add(to, 0, &Tensor::from_array(Array::from_slice(at, &[at.len()])?), d)
    };
    let dx = add(&zeros_like(&x.detach())?, &above, &d)?;
    Ok(smallvec![Some(add(&dx, &below, &neg(&d)?)?)])
}

static KERNEL: OpDef = OpDef {
    name: "_pdist",
    part_of: "pdist",
    doc: "The distances of order 1, 2 or 3 between each row of a matrix and each one below it.",
    args: &[Arg::tensor("input"), Arg::required("p", Kind::Float)],
    node: "PdistBackward0",
    surface: &[],
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(vjp),
    saves: Saves { inputs: &[1], outputs: &[1] },
    samples: || {
        let s = |label, shape: &[usize], p| call(label, shape, [Attr::Float(p)]);
        vec![s("order 1", &[4, 3], 1.0), s("order 2", &[3, 2], 2.0), s("order 3", &[3, 5], 3.0)]
    },
    errors: Vec::new,
    ..OpDef::BASE
}
.shipped();

/// The op.
static DEF: OpDef = OpDef {
    name: "pdist",
    doc: "Returns the `p`-norm of the difference of each row of `input` and each one below it: the upper triangle of \
          `cdist(input, input)`, a vector.\n\n\
          Where `p` is not 1, 2 or 3, or the gradient is itself differentiated, costs memory for all differences. Source: PyTorch, `torch.nn.functional.pdist`.",
    args: &[Arg::tensor("input"), Arg::optional("p", Kind::Float, Default::Float(2.0))],
    surface: &[Api::Functional, Api::Function],
    body: Body::Composite(body),
    samples: || {
        vec![call("four rows", &[4, 3], []), call("p of 3", &[3, 2], [Attr::Float(3.0)]), call("one row", &[1, 2], [])]
    },
    errors: || vec![fails(call("a vector", &[3], []), Code::Shape, "only supports matrices")],
    ..OpDef::COMPOSITE
}
.shipped();
