//! Slices of a dim by their indices.

use super::index_add;
use crate::invoke;
use crate::shared::indices;
use crate::shared::view::samples::{fails, int, ints};
use adjoint_autograd::{
    Arg, Arrays, Attrs, Backward, Body, Call, Check, Class, ErrorSample, Facts, Grads, Half, Jvp, Kind, NodeNaming,
    OpDef, Sample, SampleTensor, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::axis;
use adjoint_kernels::index;
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Array, Code, Dims, Error, Meta, Result, Scalar, by_size};
use smallvec::smallvec;

/// Fails unless the indices are one list.
pub(super) fn list(index: &Meta) -> Result<()> {
    if index.rank() > 1 {
        return Err(Error::index(format!("index is supposed to be a vector, got shape {:?}", index.shape())));
    }
    indices::integers(index)
}

/// Fails unless every index of the second input is one of the dim of the first that attribute 0
/// names; returns the indices.
pub(super) fn check(call: &Call) -> Result<Arrays> {
    let shape = call.input(0).shape();
    let dim = wrap_dim(call.attrs.get_int(0)?, shape.len())?;
    let index = indices::read(call.input(1))?;
    indices::in_range(index.as_slice(), indices::size(shape, dim), dim)?;
    Ok(smallvec![index])
}

fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    let dim = wrap_dim(call.attrs.get_int(0)?, x.rank())?;
    let index = call.input(1);
    list(index)?;
    let mut shape = Dims::from_slice(x.shape());
    match shape.get_mut(dim) {
        Some(n) => *n = index.numel(),
        None if index.numel() == 1 => {}
        None => {
            return Err(Error::index(format!("index to a 0-dim tensor must have one element, got {}", index.numel())));
        }
    }
    Ok(Spec::one(shape, x.dtype()))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let dim = wrap_dim(call.attrs.get_int(0)?, call.input(0).rank())?;
    let (x, index) = (call.input(0).contiguous()?, &call.checked[0]);
    let axis = axis::of_dim(x.shape(), dim);
    by_size!(x.dtype(), T => index::index_select(x.as_bits::<T>(), axis, index.as_slice(), outs[0].as_mut_bits::<T>()));
    Ok(())
}

fn vjp(b: &Backward) -> Result<Grads> {
    let attrs = Attrs::new().shape(b.shape(0)).int(b.attrs().get_int(0)?);
    Ok(smallvec![Some(invoke::with(&BACKWARD, &[Some(b.g()), Some(&b.input(1)?)], attrs)?), None])
}

fn backward_rule(call: &Facts) -> Result<Specs> {
    Ok(Spec::one(call.attrs.get_shape(0)?, call.input(0).dtype()))
}

fn backward_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    outs[0].fill(Scalar::Int(0));
    let dim = wrap_dim(call.attrs.get_int(1)?, outs[0].rank())?;
    let (g, index) = (call.input(0).contiguous()?, indices::read(call.input(1))?);
    let axis = axis::of_dim(outs[0].shape(), dim);
    index_add::add_slices(&mut outs[0], axis, index.as_slice(), &g, true)
}

fn backward_vjp(b: &Backward) -> Result<Grads> {
    let attrs = Attrs::new().int(b.attrs().get_int(1)?);
    Ok(smallvec![Some(invoke::with(&DEF, &[Some(b.g()), Some(&b.input(1)?)], attrs)?), None])
}

fn sample(label: &str, shape: &[usize], dim: i64, len: usize) -> Sample {
    let n = shape.get(dim.rem_euclid(shape.len().max(1) as i64) as usize).copied().unwrap_or(1);
    let index = SampleTensor::ints(&[len], 0, n.max(1) as i64 - 1);
    Sample::new(label, vec![SampleTensor::new(shape).into(), int(dim).into(), index.into()])
}

fn errors() -> Vec<ErrorSample> {
    let with = |label: &str, dim, index: SampleTensor| {
        Sample::new(label, vec![SampleTensor::new(&[3, 2]).into(), int(dim).into(), index.into()])
    };
    vec![
        fails(with("an index too large", 0, SampleTensor::ints(&[1], 3, 3)), Code::Index, "index 3 is out of bounds"),
        fails(with("a negative index", 0, SampleTensor::ints(&[1], -1, -1)), Code::Index, "index -1 is out of bounds"),
        fails(with("a dim too large", 2, SampleTensor::ints(&[1], 0, 0)), Code::Index, "dim 2 is out of range"),
        fails(with("a matrix of indices", 0, SampleTensor::ints(&[1, 1], 0, 0)), Code::Index, "to be a vector"),
        fails(with("fractional indices", 0, SampleTensor::new(&[1])), Code::DType, "int64 or int32"),
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "index_select",
    doc: "Returns the slices of `input` at the given indices of `dim`, in their order; an index may come several times.\n\n\
          `index` is a vector of int32 or int64 in `0..n`. The gradient of a slice is summed over its copies. \
          Source: PyTorch, `torch.index_select`.",
    args: &[Arg::tensor("input"), Arg::required("dim", Kind::Int), Arg::tensor("index")],
    class: Class::Index,
    node: "IndexSelectBackward0",
    shown: NodeNaming::without(0b10),
    check: Check::Values(check),
    body: Body::Kernel { rule, run },
    half: Half::Native,
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    saves: Saves { inputs: &[0b10], outputs: &[] },
    samples: || {
        vec![
            sample("rows", &[4, 3], 0, 6),
            sample("columns", &[2, 3], -1, 2),
            sample("a vector", &[5], 0, 3),
            sample("no indices", &[4, 3], 0, 0),
            sample("a 0-dim tensor", &[], 0, 1),
        ]
    },
    errors,
    ..OpDef::BASE
}
.shipped();

/// Zeros with `g` added at the indices.
static BACKWARD: OpDef = OpDef {
    name: "_index_select_backward",
    part_of: "index_select",
    doc: "Zeros of shape `size` with slices of `input` added at the given indices of `dim`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("size", Kind::Ints),
        Arg::required("dim", Kind::Int),
        Arg::tensor("index"),
    ],
    surface: &[],
    node: "IndexAddBackward0",
    check: Check::Nothing,
    body: Body::Kernel { rule: backward_rule, run: backward_run },
    half: Half::Native,
    vjp: Vjp::Fn(backward_vjp),
    samples: || {
        let (g, index) = (SampleTensor::new(&[3, 2]), SampleTensor::ints(&[3], 0, 3));
        vec![Sample::new("rows", vec![g.into(), ints(&[4, 2]).into(), int(0).into(), index.into()])]
    },
    errors: Vec::new,
    ..DEF
}
.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&BACKWARD, &DEF];

/// The slices of `x` at the given indices of `dim`.
pub fn index_select(x: &Tensor, dim: usize, index: &Tensor) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x), Some(index)], Attrs::new().int(dim as i64))
}
