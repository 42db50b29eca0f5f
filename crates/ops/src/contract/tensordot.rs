//! Contractions over chosen dims.

use super::mm::mm;
use crate::elementwise::mul::mul;
use crate::reduce::sum::sum_dims;
use crate::shared::contract::samples;
use crate::shared::view::samples::{fails, ints};
use crate::view::{permute::permute, reshape::reshape};
use adjoint_autograd::{Api, Arg, Attrs, Body, Kind, OpDef, Outputs, Sample, SampleTensor, Tensor};
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Code, Dims, Error, Result};
use smallvec::smallvec;

/// The contraction of `a` and `b` over pairs of dims, as one matrix product.
fn contract(a: &Tensor, b: &Tensor, da: &[i64], db: &[i64]) -> Result<Tensor> {
    if da.len() != db.len() {
        return Err(Error::shape(format!("both dimension lists should have same length, got {da:?} and {db:?}")));
    }
    let wrapped = |dims: &[i64], rank: usize| {
        // `wrap_dim` takes 0 and −1 of a tensor without dims.
        match dims {
            [d, ..] if rank == 0 => Err(Error::index(format!("dimension specified as {d} but tensor has no dims"))),
            _ => dims.iter().map(|&d| wrap_dim(d, rank)).collect::<Result<Dims>>(),
        }
    };
    let (da, db) = (wrapped(da, a.rank())?, wrapped(db, b.rank())?);
    for (i, (&p, &q)) in da.iter().zip(&db).enumerate() {
        if da[..i].contains(&p) || db[..i].contains(&q) {
            return Err(Error::usage(format!("a dim appears twice in {:?} or {:?}", da.as_slice(), db.as_slice())));
        }
        if a.shape()[p] != b.shape()[q] && a.shape()[p] != 1 && b.shape()[q] != 1 {
            return Err(Error::shape(format!(
                "contracted dimensions need to match, but first has size {} in dim {p} and second has size {} in dim {q}",
                a.shape()[p],
                b.shape()[q]
            )));
        }
    }
    // A dim of size 1 beside another size counts as repeated: the other tensor is summed along its
    // dim first.
    let stretched = |t: &Tensor, dims: &[usize], other: &Tensor, others: &[usize]| -> Result<Tensor> {
        let summed = dims.iter().zip(others).filter(|&(&p, &q)| t.shape()[p] != 1 && other.shape()[q] == 1);
        let summed: Dims = summed.map(|(&p, _)| p).collect();
        if summed.is_empty() { Ok(t.clone()) } else { sum_dims(t, &summed, true) }
    };
    let (a, b) = (&stretched(a, &da, b, &db)?, &stretched(b, &db, a, &da)?);
    let rest = |rank: usize, dims: &[usize]| (0..rank).filter(|d| !dims.contains(d)).collect::<Dims>();
    let (ra, rb) = (rest(a.rank(), &da), rest(b.rank(), &db));
    let size = |t: &Tensor, dims: &[usize]| dims.iter().map(|&d| t.shape()[d]).product::<usize>();
    let k = size(a, &da);
    let order = |first: &[usize], second: &[usize]| first.iter().chain(second).copied().collect::<Dims>();
    let left = reshape(&permute(a, &order(&ra, &da))?, &[size(a, &ra), k])?;
    let right = reshape(&permute(b, &order(&db, &rb))?, &[k, size(b, &rb)])?;
    let shape: Dims = ra.iter().map(|&d| a.shape()[d]).chain(rb.iter().map(|&d| b.shape()[d])).collect();
    reshape(&mm(&left, &right)?, &shape)
}

fn pair<'a>(inputs: &[Option<&'a Tensor>]) -> Result<(&'a Tensor, &'a Tensor)> {
    match *inputs {
        [Some(a), Some(b)] => Ok((a, b)),
        _ => Err(Error::usage("expected two tensors")),
    }
}

fn tensordot(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (a, b) = pair(inputs)?;
    Ok(smallvec![contract(a, b, attrs.get_ints(0)?, attrs.get_ints(1)?)?])
}

fn inner(inputs: &[Option<&Tensor>], _: &Attrs) -> Result<Outputs> {
    let (a, b) = pair(inputs)?;
    if a.rank() == 0 || b.rank() == 0 {
        return Ok(smallvec![mul(a, b)?]);
    }
    if a.shape().last() != b.shape().last() {
        return Err(Error::shape(format!(
            "the last dims must have the same size, got {:?} and {:?}",
            a.shape(),
            b.shape()
        )));
    }
    Ok(smallvec![contract(a, b, &[-1], &[-1])?])
}

static TENSORDOT: OpDef = OpDef {
    name: "_tensordot",
    part_of: "tensordot",
    doc: "The sum of products over pairs of dims, one of each tensor; the result has the other dims, those of `a` first.",
    args: &[
        Arg::tensor("a"),
        Arg::tensor("b"),
        Arg::required("dims_a", Kind::Ints),
        Arg::required("dims_b", Kind::Ints),
    ],
    surface: &[Api::Function],
    body: Body::Composite(tensordot),
    samples: || vec![sample("two pairs", &[2, 3, 4], &[4, 2, 5], &[0, 2], &[1, 0]), sample("none", &[2], &[3], &[], &[])],
    errors: || vec![fails(sample("sizes that differ", &[2, 3], &[4, 3], &[0], &[0]), Code::Shape, "size 2 in dim 0")],
    ..OpDef::COMPOSITE
}.shipped();

fn sample(label: &str, a: &[usize], b: &[usize], da: &[i64], db: &[i64]) -> Sample {
    let t = SampleTensor::new;
    Sample::new(label, vec![t(a).into(), t(b).into(), ints(da).into(), ints(db).into()])
}

static INNER: OpDef = OpDef {
    name: "inner",
    doc: "Returns the sums of products over the last dim of both tensors.\n\n\
          **Shapes**: `input: [*, k]`, `other: [**, k]`, result `[*, **]`; with a 0-dim tensor, the product. Source: PyTorch, `torch.inner`.",
    args: &[Arg::tensor("input"), Arg::tensor("other")],
    body: Body::Composite(inner),
    samples: || vec![samples::call("matrices", &[&[2, 3], &[4, 3]]), samples::call("vectors", &[&[3], &[3]])],
    errors: || vec![samples::fails("sizes that differ", &[&[2, 3], &[2]], "[2, 3] and [2]")],
    ..OpDef::COMPOSITE
}.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&INNER, &TENSORDOT];
