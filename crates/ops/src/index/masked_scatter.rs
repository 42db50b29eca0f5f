//! Elements written, one after the other, where a mask says so.

use super::masked_fill::{self, check_mask};
use super::masked_select::{broadcast, count, masked_select};
use super::scatter_add::scatter_add;
use crate::elementwise::{maximum::maximum, sub::sub, to::to, where_::where_};
use crate::invoke;
use crate::reduce::cumsum::cumsum;
use crate::shared::indices;
use crate::shared::view::samples::fails;
use crate::view::{expand::expand, reshape, slice};
use adjoint_autograd::{
    Api, Arg, Arrays, Attrs, Backward, Body, Call, Check, Class, Facts, Grads, Half, Jvp, NodeNaming, OpDef, Sample,
    SampleTensor, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_kernels::index;
use adjoint_tensor::{Array, Code, DType, Error, Result, Scalar, by_size, dims};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    let (x, mask, source) = (call.input(0), call.input(1), call.input(2));
    check_mask(mask.dtype())?;
    indices::same_dtype(x.dtype(), source.dtype(), "source")?;
    let shape = dims::broadcast(x.shape(), mask.shape())?;
    Ok(Spec::one(shape, x.dtype()))
}

/// Fails where the mask selects more elements than there are; returns the mask, broadcast.
fn check(call: &Call) -> Result<Arrays> {
    let shape = dims::broadcast(call.input(0).shape(), call.input(1).shape())?;
    let (n, mask) = (call.input(2).numel(), broadcast(call.input(1), &shape)?);
    match count(&mask) {
        selected if selected <= n => Ok(smallvec![mask]),
        selected => {
            Err(Error::shape(format!("number of elements of source ({n}) < number of ones in mask ({selected})")))
        }
    }
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    outs[0].assign(call.input(0))?;
    let (mask, source) = (&call.checked[0], call.input(2).contiguous()?);
    by_size!(source.dtype(), T => index::expand(outs[0].as_mut_bits::<T>(), mask.bool_bytes(), source.as_bits::<T>()));
    Ok(())
}

fn vjp(b: &Backward) -> Result<Grads> {
    let mask = b.input(1)?;
    let dx = if b.wants(0) { Some(masked_fill::masked_fill(b.g(), &mask, 0.0)?) } else { None };
    let dsource = if b.wants(2) {
        let n = b.shape(2).iter().product();
        if mask.array().is_batched() {
            // Samples select different numbers of elements.
            Some(by_places(b.g(), &mask, b.shape(2))?)
        } else {
            let used = masked_select(b.g(), &mask)?;
            Some(reshape::reshape(&slice::padded(&used, 0, n)?, b.shape(2))?)
        }
    } else {
        None
    };
    Ok(smallvec![dx, None, dsource])
}

/// The gradient of the source, of shape `shape`, without a shape that depends on values: each
/// element of `g` under the mask goes where as many come before it, and the others add 0.
fn by_places(g: &Tensor, mask: &Tensor, shape: &[usize]) -> Result<Tensor> {
    let n: usize = shape.iter().product();
    if n == 0 {
        return zeros_like_shape(shape, g);
    }
    let flat = |t: &Tensor| reshape::reshape(&expand(t, g.shape())?, &[g.numel()]);
    let mask = flat(mask)?;
    let before = sub(&cumsum(&to(&mask, DType::Int64)?, 0)?, &Tensor::number(Scalar::Int(1))?)?;
    let place = maximum(&before, &Tensor::number(Scalar::Int(0))?)?;
    let taken = where_(&mask, &flat(g)?, &invoke::number(0.0)?)?;
    let zeros = zeros_like_shape(&[n], g)?;
    reshape::reshape(&scatter_add(&zeros, 0, &place, &to(&taken, g.dtype())?)?, shape)
}

fn zeros_like_shape(shape: &[usize], g: &Tensor) -> Result<Tensor> {
    Ok(Tensor::from_array(Array::zeros(shape, g.dtype())?))
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "masked_scatter",
    doc: "Returns `input` with the elements of `source`, one after the other, where the bool tensor `mask` is true.\n\n\
          `input` and `mask` broadcast; `source` needs at least as many elements as the mask selects, and its dtype. \
          Source: PyTorch, `torch.masked_scatter`.",
    args: &[Arg::tensor("input"), Arg::tensor("mask"), Arg::tensor("source")],
    class: Class::Index,
    surface: &[Api::Function, Api::Method],
    node: "MaskedScatterBackward0",
    shown: NodeNaming::without(0b10),
    in_place: true,
    check: Check::Values(check),
    body: Body::Kernel { rule, run },
    half: Half::Native,
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    saves: Saves { inputs: &[0b10, 0, 0b10], outputs: &[] },
    samples: || {
        let s = |label, mask: &[usize]| {
            let mask = SampleTensor::new(mask).range(-1.0, 1.0).dtype(DType::Bool);
            let t = SampleTensor::new;
            Sample::new(label, vec![t(&[2, 3]).into(), mask.into(), t(&[2, 4]).into()])
        };
        vec![s("equal shapes", &[2, 3]), s("a column as mask", &[2, 1])]
    },
    errors: || {
        let with = |mask: SampleTensor, source: &[usize]| {
            let t = SampleTensor::new;
            Sample::new("a call", vec![t(&[3]).into(), mask.into(), t(source).into()])
        };
        let all = SampleTensor::new(&[3]).range(1.0, 1.0).dtype(DType::Bool);
        vec![
            fails(with(all, &[2]), Code::Shape, "number of elements of source (2)"),
            fails(with(SampleTensor::new(&[3]), &[3]), Code::DType, "boolean masks"),
        ]
    },
    ..OpDef::BASE
}
.shipped();

/// `x` with the elements of `source` where `mask` is true.
pub fn masked_scatter(x: &Tensor, mask: &Tensor, source: &Tensor) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x), Some(mask), Some(source)], Attrs::new())
}
