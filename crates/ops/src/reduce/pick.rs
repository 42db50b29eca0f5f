//! One element from each line along a dim, and its transpose.
//!
//! What `max(dim)`, `median(dim)` and the negative log likelihood have in common: the forward
//! chooses an index on each line, the gradient goes there and nowhere else. The two ops are each
//! other's derivative.

use crate::invoke;
use crate::view::{squeeze::squeeze, unsqueeze::unsqueeze};
use adjoint_autograd::{
    Arg, Arrays, Attr, Attrs, Batching, Body, Call, Check, Class, Facts, Jvp, Kind, OpDef, Sample, SampleTensor, Saves,
    Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::floats;
use adjoint_kernels::reduce::Axis;
use adjoint_tensor::by_size;
use adjoint_tensor::{Array, Error, Result, Scalar};
use smallvec::smallvec;

/// The ops.
pub static DEFS: &[&OpDef] = &[&PICK, &PLACE];

static PICK: OpDef = OpDef {
    name: "_pick",
    part_of: "gather",
    doc: "The element of each line along `dim` that `index` names; `index` has the shape of `input` without `dim`.",
    args: &[Arg::tensor("input"), Arg::tensor("index"), Arg::required("dim", Kind::Int)],
    class: Class::Index,
    node: "GatherBackward0",
    surface: &[],
    check: Check::Values(|call| check(call.input(1), call.input(0).shape()[call.attrs.get_int(0)? as usize])),
    body: Body::Kernel { rule: pick_rule, run: pick_run },
    batching: &Batching::leading(&[0]),
    vjp: Vjp::Fn(|b| {
        let dim = b.attrs().get_int(0)? as usize;
        Ok(smallvec![Some(place(b.g(), &b.input(1)?, dim, b.shape(0)[dim])?)])
    }),
    jvp: Jvp::Transposed,
    saves: Saves { inputs: &[0b10], outputs: &[] },
    samples: || {
        let index = |shape: &[usize]| SampleTensor::ints(shape, 0, 3);
        let s = |label: &str, shape: &[usize], rest: &[usize], dim| {
            let args = vec![SampleTensor::new(shape).into(), index(rest).into(), Attr::Int(dim).into()];
            Sample::new(label, args)
        };
        vec![s("the last dim", &[2, 3], &[2], 1), s("a middle dim", &[2, 3, 2], &[2, 2], 1)]
    },
    ..OpDef::BASE
}
.shipped();

static PLACE: OpDef = OpDef {
    name: "_place",
    part_of: "scatter",
    doc: "Zeros with the elements of `input` at `index` along a new dim `dim` of `size`.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("index"),
        Arg::required("dim", Kind::Int),
        Arg::required("size", Kind::Int),
    ],
    class: Class::Index,
    node: "ScatterBackward0",
    surface: &[],
    check: Check::Values(|call| check(call.input(1), call.attrs.get_int(1)? as usize)),
    body: Body::Kernel { rule: place_rule, run: place_run },
    batching: &Batching::leading(&[0]),
    vjp: Vjp::Fn(|b| Ok(smallvec![Some(pick(b.g(), &b.input(1)?, b.attrs().get_int(0)? as usize)?)])),
    jvp: Jvp::Transposed,
    saves: Saves { inputs: &[0b10], outputs: &[] },
    samples: || {
        let args = vec![
            SampleTensor::new(&[2, 2]).into(),
            SampleTensor::ints(&[2, 2], 0, 3).into(),
            Attr::Int(1).into(),
            Attr::Int(3).into(),
        ];
        vec![Sample::new("a middle dim", args)]
    },
    ..OpDef::BASE
}
.shipped();

fn pick_rule(call: &Facts) -> Result<Specs> {
    let (x, index) = (call.input(0), call.input(1));
    let dim = call.attrs.get_int(0)? as usize;
    let mut shape = adjoint_tensor::Dims::from_slice(x.shape());
    shape.remove(dim);
    assert_eq!(shape.as_slice(), index.shape(), "pick: index of another shape");
    Ok(Spec::one(shape, x.dtype()))
}

fn pick_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let x = call.input(0).contiguous()?;
    let index = &call.checked[0];
    let axis = Axis::of(x.shape(), call.attrs.get_int(0)? as usize);
    let index = index.as_slice::<i64>();
    let at = |p: usize| (p / axis.inner * axis.n + index[p] as usize) * axis.inner + p % axis.inner;
    gather(&x, &mut outs[0], at)
}

/// `out[p] = x[at(p)]` for a contiguous `x` and a fresh `out` of one dtype.
fn gather(x: &Array, out: &mut Array, at: impl Fn(usize) -> usize) -> Result<()> {
    by_size!(x.dtype(), T => {
        let from = x.as_bits::<T>();
        for (p, y) in out.as_mut_bits::<T>().iter_mut().enumerate() {
            *y = from[at(p)];
        }
    });
    Ok(())
}

fn place_rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    let (dim, n) = (call.attrs.get_int(0)? as usize, call.attrs.get_int(1)? as usize);
    assert_eq!(x.shape(), call.input(1).shape(), "place: index of another shape");
    let mut shape = adjoint_tensor::Dims::from_slice(x.shape());
    shape.insert(dim, n);
    Ok(Spec::one(shape, x.dtype()))
}

fn place_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (x, index) = (call.input(0).contiguous()?, &call.checked[0]);
    outs[0].fill(Scalar::Int(0));
    let axis = Axis::of(outs[0].shape(), call.attrs.get_int(0)? as usize);
    let out = &mut outs[0];
    floats!(x.dtype(), T => {
        let out = out.as_mut_slice::<T>();
        for (p, (&x, &i)) in x.as_slice::<T>().iter().zip(index.as_slice::<i64>()).enumerate() {
            out[(p / axis.inner * axis.n + i as usize) * axis.inner + p % axis.inner] = x;
        }
    });
    Ok(())
}

/// Fails unless every index is in `0..n`; returns the indices.
fn check(index: &Array, n: usize) -> Result<Arrays> {
    let index = index.contiguous()?;
    match index.as_slice::<i64>().iter().find(|&&i| i < 0 || i as usize >= n) {
        None => Ok(smallvec![index]),
        Some(i) => Err(Error::index(format!("index {i} is out of bounds for a dim of size {n}"))),
    }
}

/// The element of each line along `dim` that `index`, of the shape of `x` without `dim`, names.
pub fn pick(x: &Tensor, index: &Tensor, dim: usize) -> Result<Tensor> {
    invoke::with(&PICK, &[Some(x), Some(index)], Attrs::new().int(dim as i64))
}

/// Zeros with `g` at `index` along a new dim `dim` of size `n`.
pub fn place(g: &Tensor, index: &Tensor, dim: usize, n: usize) -> Result<Tensor> {
    invoke::with(&PLACE, &[Some(g), Some(index)], Attrs::new().int(dim as i64).int(n as i64))
}

/// The gradient of an op that chose `index` along `dim` of an input of this shape.
pub fn place_in(g: &Tensor, index: &Tensor, shape: &[usize], dim: usize, keepdim: bool) -> Result<Tensor> {
    if shape.is_empty() {
        return Ok(g.clone());
    }
    if keepdim {
        return place(&squeeze(g, dim)?, &squeeze(index, dim)?, dim, shape[dim]);
    }
    place(g, index, dim, shape[dim])
}

/// A tensor with a dim of size 1 at `dim`, unless it is there already.
pub fn with_dim(x: &Tensor, dim: usize, keepdim: bool) -> Result<Tensor> {
    if keepdim || x.rank() == 0 { Ok(x.clone()) } else { unsqueeze(x, dim) }
}
