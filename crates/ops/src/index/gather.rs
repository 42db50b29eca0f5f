//! One element for every index, along a dim.

use crate::invoke;
use crate::shared::indices;
use crate::shared::view::samples::{fails, int, ints};
use adjoint_autograd::{
    Arg, Arrays, Attrs, Backward, Batching, Body, Call, Check, Class, Default, ErrorSample, Facts, Grads, Half, Jvp,
    Kind, NodeNaming, OpDef, Sample, SampleTensor, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::accumulate::Accumulate;
use adjoint_cpu::index::{at_least_1d, beside, layout_1d, on_part, part_of};
use adjoint_cpu::{accumulate, axis};
use adjoint_kernels::index;
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Array, Code, Error, Meta, Result, Scalar, by_size};
use smallvec::smallvec;

/// Fails unless `index` fits a tensor of shape `x` along `dim`: same rank, no larger in other dims.
pub(super) fn fits(x: &[usize], dim: usize, index: &Meta, name: &str) -> Result<()> {
    if index.numel() == 0 {
        return Ok(());
    }
    indices::integers(index)?;
    let (x, shape) = (at_least_1d(x), at_least_1d(index.shape()));
    if x.len() != shape.len() {
        return Err(Error::shape(format!(
            "index tensor must have the same number of dimensions as {name} tensor, got shapes {:?} and {:?}",
            shape.as_slice(),
            x.as_slice()
        )));
    }
    if let Some(d) = (0..x.len()).find(|&d| d != dim && shape[d] > x[d]) {
        return Err(Error::shape(format!(
            "size does not match at dimension {d}: expected index {:?} to be no larger than {name} {:?} apart from \
             dimension {dim}",
            shape.as_slice(),
            x.as_slice()
        )));
    }
    Ok(())
}

/// Fails unless every index of the second input is one of the dim of the first that attribute 0
/// names; returns the indices.
pub(super) fn check(call: &Call) -> Result<Arrays> {
    let shape = call.input(0).shape();
    let dim = wrap_dim(call.attrs.get_int(0)?, shape.len())?;
    let index = indices::read_or_empty(call.input(1))?;
    indices::in_range(index.as_slice(), indices::size(shape, dim), dim)?;
    Ok(smallvec![index])
}

fn rule(call: &Facts) -> Result<Specs> {
    let (x, index) = (call.input(0), call.input(1));
    let dim = wrap_dim(call.attrs.get_int(0)?, x.rank())?;
    fits(x.shape(), dim, index, "input")?;
    Ok(Spec::one(index.shape(), x.dtype()))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (x, index) = (call.input(0), &call.checked[0]);
    if index.numel() == 0 {
        return Ok(());
    }
    let dim = wrap_dim(call.attrs.get_int(0)?, x.rank())?;
    let shape = at_least_1d(index.shape());
    let x = x.with_layout(beside(&layout_1d(x.layout()), &shape, dim))?.contiguous()?;
    let axis = axis::of_dim(x.shape(), dim);
    by_size!(x.dtype(), T => {
        index::gather(x.as_bits::<T>(), axis, index.as_slice(), shape[dim], outs[0].as_mut_bits::<T>());
    });
    Ok(())
}

fn vjp(b: &Backward) -> Result<Grads> {
    Ok(smallvec![Some(scatter_zeros(b.g(), b.shape(0), b.attrs().get_int(0)?, &b.input(1)?)?), None])
}

fn backward_rule(call: &Facts) -> Result<Specs> {
    Ok(Spec::one(call.attrs.get_shape(0)?, call.input(0).dtype()))
}

fn backward_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    outs[0].fill(Scalar::Int(0));
    let dim = wrap_dim(call.attrs.get_int(1)?, outs[0].rank())?;
    add_at(&mut outs[0], dim, call.input(1), call.input(0))
}

/// `out[…, index[p], …] += source[p]` for every position p of `index`. Indices were checked.
pub(super) fn add_at(out: &mut Array, dim: usize, index: &Array, source: &Array) -> Result<()> {
    let index = indices::read_or_empty(index)?;
    if index.numel() == 0 {
        return Ok(());
    }
    let shape = at_least_1d(index.shape());
    let source = part_of(source, &shape)?;
    on_part(out, &shape, dim, |out, axis| {
        accumulate!(out, &source, |to, from| {
            index::scatter_with(to, axis, index.as_slice(), shape[dim], from, Accumulate::plus);
        });
        Ok(())
    })
}

fn backward_vjp(b: &Backward) -> Result<Grads> {
    let attrs = Attrs::new().int(b.attrs().get_int(1)?);
    Ok(smallvec![Some(invoke::with(&DEF, &[Some(b.g()), Some(&b.input(1)?)], attrs)?), None])
}

/// A call with random indices below the size of `dim`.
pub(super) fn sample(label: &str, shape: &[usize], dim: i64, index: &[usize]) -> Sample {
    let n = shape.get(dim.rem_euclid(shape.len().max(1) as i64) as usize).copied().unwrap_or(1);
    let index = SampleTensor::ints(index, 0, n.max(1) as i64 - 1);
    Sample::new(label, vec![SampleTensor::new(shape).into(), int(dim).into(), index.into()])
}

fn errors() -> Vec<ErrorSample> {
    let wrong = |low| {
        let index = SampleTensor::ints(&[2, 2], low, low);
        Sample::new("an index outside", vec![SampleTensor::new(&[2, 2]).into(), int(1).into(), index.into()])
    };
    vec![
        fails(wrong(23), Code::Index, "index 23 is out of bounds for dimension 1 with size 2"),
        fails(wrong(-1), Code::Index, "index -1 is out of bounds"),
        fails(sample("another rank", &[2, 2], 0, &[1]), Code::Shape, "same number of dimensions"),
        fails(sample("an index too large in another dim", &[2, 2], 1, &[3, 1]), Code::Shape, "no larger than input"),
    ]
}

/// The op.
static DEF: OpDef = OpDef {
    name: "gather",
    doc: "Returns `out[i][j][k] = input[i][index[i][j][k]][k]` (for `dim` 1), with the shape of `index`.\n\n\
          `index` has the rank of `input` and is no larger than it in other dims. The gradient of an element is summed over its \
          copies. Source: PyTorch, `torch.gather`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("dim", Kind::Int),
        Arg::tensor("index"),
        Arg::optional("sparse_grad", Kind::Bool, Default::Bool(false)),
    ],
    class: Class::Index,
    node: "GatherBackward0",
    shown: NodeNaming::without(0b10),
    check: Check::Values(check),
    body: Body::Kernel { rule, run },
    batching: &Batching::leading(&[0]),
    half: Half::Native,
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    saves: Saves { inputs: &[0b10], outputs: &[] },
    samples: || {
        vec![
            sample("columns", &[3, 4], 1, &[3, 2]),
            sample("fewer rows and columns", &[3, 4], 0, &[5, 2]),
            sample("a negative dim", &[2, 3, 2], -2, &[2, 4, 1]),
            sample("a 0-dim tensor", &[], 0, &[]),
            sample("no indices", &[3], 0, &[0]),
        ]
    },
    errors,
    ..OpDef::BASE
}
.shipped();

/// Zeros with `g` added at the indices.
static BACKWARD: OpDef = OpDef {
    name: "_gather_backward",
    part_of: "gather",
    doc: "Zeros of shape `size` with `input` added at the given indices of `dim`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("size", Kind::Ints),
        Arg::required("dim", Kind::Int),
        Arg::tensor("index"),
    ],
    surface: &[],
    node: "ScatterAddBackward0",
    check: Check::Nothing,
    body: Body::Kernel { rule: backward_rule, run: backward_run },
    // Its size is that of one sample.
    batching: &Batching::Loop,
    half: Half::Native,
    vjp: Vjp::Fn(backward_vjp),
    samples: || {
        let (g, index) = (SampleTensor::new(&[3, 2]), SampleTensor::ints(&[3, 2], 0, 3));
        vec![Sample::new("rows", vec![g.into(), ints(&[4, 2]).into(), int(0).into(), index.into()])]
    },
    errors: Vec::new,
    ..DEF
}
.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&BACKWARD, &DEF];

/// Zeros of shape `size` with `g` added at `index` along `dim`.
pub(super) fn scatter_zeros(g: &Tensor, size: &[usize], dim: i64, index: &Tensor) -> Result<Tensor> {
    invoke::with(&BACKWARD, &[Some(g), Some(index)], Attrs::new().shape(size).int(dim))
}

/// One element of `x` for every index along `dim`.
pub fn gather(x: &Tensor, dim: usize, index: &Tensor) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x), Some(index)], Attrs::new().int(dim as i64))
}
