//! The elements a mask says.

use super::masked_fill::check_mask;
use crate::invoke;
use crate::shared::view::samples::{fails, ints};
use adjoint_autograd::{
    Arg, Arrays, Attrs, Backward, Body, Call, Check, Class, Facts, Grads, Half, Jvp, Kind, NodeNaming, OpDef, Sample,
    SampleTensor, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_kernels::{index, reduce};
use adjoint_tensor::{Array, Code, DType, Error, Result, Scalar, by_size, dims};
use smallvec::smallvec;

/// How many elements a contiguous mask selects.
pub(super) fn count(mask: &Array) -> usize {
    let mut n = [0i64];
    reduce::count_nonzero(mask.bool_bytes(), reduce::Axis::whole(mask.numel()), &mut n);
    n[0] as usize
}

/// `x` broadcast to `shape`, contiguous.
pub(super) fn broadcast(x: &Array, shape: &[usize]) -> Result<Array> {
    x.with_layout(x.layout().expand(shape)?)?.contiguous()
}

fn rule(call: &Facts) -> Result<Option<Specs>> {
    check_mask(call.input(1).dtype())?;
    dims::broadcast(call.input(0).shape(), call.input(1).shape())?;
    Ok(None)
}

fn select(call: &Call) -> Result<Arrays> {
    let shape = dims::broadcast(call.input(0).shape(), call.input(1).shape())?;
    let (x, mask) = (broadcast(call.input(0), &shape)?, broadcast(call.input(1), &shape)?);
    let mut out = Array::empty(&[count(&mask)], x.dtype())?;
    by_size!(x.dtype(), T => index::compact(x.as_bits::<T>(), mask.bool_bytes(), out.as_mut_bits::<T>()));
    Ok(smallvec![out])
}

fn vjp(b: &Backward) -> Result<Grads> {
    let mask = b.input(1)?;
    let shape = dims::broadcast(b.shape(0), mask.shape())?;
    let attrs = Attrs::new().shape(&shape);
    Ok(smallvec![Some(invoke::with(&BACKWARD, &[Some(b.g()), Some(&mask)], attrs)?), None])
}

fn backward_rule(call: &Facts) -> Result<Specs> {
    let shape = call.attrs.get_shape(0)?;
    Ok(Spec::one(shape, call.input(0).dtype()))
}

/// Fails unless the mask selects as many elements as there are; returns the mask, broadcast.
fn backward_check(call: &Call) -> Result<Arrays> {
    let (n, mask) = (call.input(0).numel(), broadcast(call.input(1), &call.attrs.get_shape(0)?)?);
    match count(&mask) {
        selected if selected == n => Ok(smallvec![mask]),
        selected => Err(Error::shape(format!("the mask selects {selected} elements, not {n}"))),
    }
}

fn backward_run(call: &Call, outs: &mut [Array]) -> Result<()> {
    outs[0].fill(Scalar::Int(0));
    let (g, mask) = (call.input(0).contiguous()?, &call.checked[0]);
    by_size!(g.dtype(), T => index::expand(outs[0].as_mut_bits::<T>(), mask.bool_bytes(), g.as_bits::<T>()));
    Ok(())
}

fn backward_vjp(b: &Backward) -> Result<Grads> {
    Ok(smallvec![Some(masked_select(b.g(), &b.input(1)?)?), None])
}

fn mask(shape: &[usize]) -> SampleTensor {
    SampleTensor::new(shape).range(-1.0, 1.0).dtype(DType::Bool)
}

/// The op.
static DEF: OpDef = OpDef {
    name: "masked_select",
    doc: "Returns a vector of the elements of `input` where the bool tensor `mask` is true, in row-major order.\n\n\
          `input` and `mask` broadcast. Source: PyTorch, `torch.masked_select`.",
    args: &[Arg::tensor("input"), Arg::tensor("mask")],
    class: Class::Index,
    node: "MaskedSelectBackward0",
    shown: NodeNaming::without(0b10),
    body: Body::Dynamic { rule, run: select },
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    saves: Saves { inputs: &[0b10], outputs: &[] },
    samples: || {
        let s = |label, x: &[usize], m: &[usize]| Sample::new(label, vec![SampleTensor::new(x).into(), mask(m).into()]);
        vec![
            s("equal shapes", &[3, 4], &[3, 4]),
            s("a row as mask", &[3, 4], &[4]),
            s("a row of values", &[4], &[3, 1]),
            s("a 0-dim tensor", &[], &[]),
            s("an empty tensor", &[0], &[0]),
        ]
    },
    errors: || {
        let args = vec![SampleTensor::new(&[2]).into(), SampleTensor::ints(&[2], 0, 1).into()];
        vec![fails(Sample::new("a mask of integers", args), Code::DType, "boolean masks")]
    },
    ..OpDef::BASE
}
.shipped();

/// Zeros with `g` where the mask is true.
static BACKWARD: OpDef = OpDef {
    name: "_masked_select_backward",
    part_of: "masked_select",
    doc: "Zeros of shape `size` with the elements of `input`, in order, where `mask` is true.",
    args: &[Arg::tensor("input"), Arg::required("size", Kind::Ints), Arg::tensor("mask")],
    surface: &[],
    node: "MaskedScatterBackward0",
    check: Check::Values(backward_check),
    body: Body::Kernel { rule: backward_rule, run: backward_run },
    half: Half::Native,
    vjp: Vjp::Fn(backward_vjp),
    samples: || {
        let all = SampleTensor::new(&[2]).range(1.0, 1.0).dtype(DType::Bool);
        vec![Sample::new("all", vec![SampleTensor::new(&[2]).into(), ints(&[2]).into(), all.into()])]
    },
    errors: Vec::new,
    ..DEF
}
.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&BACKWARD, &DEF];

/// The elements of `x` where `mask` is true.
pub fn masked_select(x: &Tensor, mask: &Tensor) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x), Some(mask)], Attrs::new())
}
