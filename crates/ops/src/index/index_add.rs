//! Slices added at indices of a dim.

use super::index_select;
use crate::create::zeros::zeros;
use crate::elementwise::mul;
use crate::invoke;
use crate::shared::indices;
use crate::shared::view::samples::{fails, int};
use crate::view::reshape::reshape;
use adjoint_autograd::{
    Arg, Attr, Attrs, Backward, Body, Call, Check, Class, Default, ErrorSample, Facts, Grads, Half, Jvp, Kind,
    NodeNaming, OpDef, Sample, SampleTensor, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::accumulate::Accumulate;
use adjoint_cpu::elementwise;
use adjoint_cpu::index::at_least_1d;
use adjoint_cpu::{accumulate, accumulate_each, axis};
use adjoint_kernels::index;
use adjoint_kernels::reduce::Axis;
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Array, Code, DType, Error, Result, Scalar};
use smallvec::smallvec;

/// The rule of ops that write slices of a source into `input` at indices of a dim.
pub(super) fn rule(call: &Facts) -> Result<Specs> {
    let (x, source) = (call.input(0), call.input(2));
    let dim = wrap_dim(call.attrs.get_int(0)?, x.rank())?;
    let index = call.input(1);
    index_select::list(index)?;
    indices::same_dtype(x.dtype(), source.dtype(), "source")?;
    if index.numel() != indices::size(source.shape(), dim) {
        return Err(Error::shape(format!(
            "number of indices ({}) should be equal to source.size(dim): ({}), for dim: {dim}",
            index.numel(),
            indices::size(source.shape(), dim)
        )));
    }
    let (shape, from) = (at_least_1d(x.shape()), at_least_1d(source.shape()));
    if shape.len() != from.len() || (0..shape.len()).any(|d| d != dim && shape[d] != from[d]) {
        return Err(Error::shape(format!(
            "source tensor shape must match self tensor shape, excluding the specified dimension, got self {:?} and \
             source {:?}",
            x.shape(),
            source.shape()
        )));
    }
    Ok(Spec::one(x.shape(), x.dtype()))
}

fn rule_alpha(call: &Facts) -> Result<Specs> {
    match call.attrs.get(1) {
        Attr::Scalar(Scalar::Float(v)) | Attr::Float(v) if !call.input(0).dtype().is_float() => {
            Err(Error::dtype(format!("for integral input tensors alpha must not be a floating point number, got {v}")))
        }
        _ => rule(call),
    }
}

/// `source` times `alpha`, contiguous, in the dtype of `source`.
fn scaled(source: &Array, alpha: Scalar) -> Result<Array> {
    if alpha.to_f64() == 1.0 {
        return source.contiguous();
    }
    let out = Array::empty(source.shape(), source.dtype())?;
    let factor = Array::full(&[], source.dtype(), alpha)?;
    let Body::Elementwise { blocks, .. } = &mul::DEF.body else { unreachable!("products are elementwise") };
    elementwise::write(blocks, source.dtype(), &[source, &factor], &[], &out)?;
    Ok(out)
}

/// Adds slices at indices. Like PyTorch, halves that are whole slices, of a tensor with more than
/// one dim, and not multiplied before, are summed in float32 and rounded once; others at every
/// addition.
pub(super) fn add_slices(out: &mut Array, axis: Axis, indices: &[i64], source: &Array, whole: bool) -> Result<()> {
    if whole && out.rank() > 1 {
        accumulate!(out, source, |to, from| {
            index::index_add(to, axis, indices, from, Accumulate::plus);
        });
    } else {
        accumulate_each!(out, source, |to, from, plus| index::index_add(to, axis, indices, from, plus));
    }
    Ok(())
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    outs[0].assign(call.input(0))?;
    let dim = wrap_dim(call.attrs.get_int(0)?, outs[0].rank())?;
    let index = &call.checked[0];
    let axis = axis::of_dim(outs[0].shape(), dim);
    let alpha = call.attrs.opt_scalar(1).unwrap_or(Scalar::Int(1));
    let source = scaled(call.input(2), alpha)?;
    add_slices(&mut outs[0], axis, index.as_slice(), &source, alpha.to_f64() == 1.0)
}

fn vjp(b: &Backward) -> Result<Grads> {
    let dx = b.wants(0).then(|| b.g().clone());
    let dsource = if b.wants(2) {
        let dim = wrap_dim(b.attrs().get_int(0)?, b.g().rank())?;
        let selected = at_source(b, dim)?;
        let alpha = b.attrs().opt_float(1).unwrap_or(1.0);
        Some(if alpha == 1.0 { selected } else { mul::mul(&selected, &invoke::number(alpha)?)? })
    } else {
        None
    };
    Ok(smallvec![dx, None, dsource])
}

/// The gradient where the source is. Of a 0-dim tensor the source may have a dim, of size 1 or 0.
pub(super) fn at_source(b: &Backward, dim: usize) -> Result<Tensor> {
    let (g, index, shape) = (b.g(), b.input(1)?, b.shape(2));
    if g.rank() > 0 {
        return index_select::index_select(g, dim, &index);
    }
    if index.numel() == 0 { zeros(shape, g.dtype()) } else { reshape(g, shape) }
}

/// A call with random indices, which come once if `once`.
pub(super) fn sample(label: &str, shape: &[usize], dim: i64, source: &[usize], once: bool) -> Sample {
    let d = dim.rem_euclid(shape.len().max(1) as i64) as usize;
    let (n, len) = (indices::size(shape, d), indices::size(source, d));
    let index = SampleTensor::ints(&[len], 0, if once { 0 } else { n as i64 - 1 });
    let (x, source) = (SampleTensor::new(shape), SampleTensor::new(source));
    Sample::new(label, vec![x.into(), int(dim).into(), index.into(), source.into()])
}

pub(super) fn errors() -> Vec<ErrorSample> {
    let with = |label: &str, index: SampleTensor, source: SampleTensor| {
        Sample::new(label, vec![SampleTensor::new(&[3, 2]).into(), int(0).into(), index.into(), source.into()])
    };
    let one = || SampleTensor::new(&[1, 2]);
    vec![
        fails(
            with("too few indices", SampleTensor::ints(&[2], 0, 2), SampleTensor::new(&[3, 2])),
            Code::Shape,
            "number of indices (2)",
        ),
        fails(
            with("another rank", SampleTensor::ints(&[2], 0, 2), SampleTensor::new(&[2])),
            Code::Shape,
            "source tensor shape must match",
        ),
        fails(with("an index outside", SampleTensor::ints(&[1], 3, 3), one()), Code::Index, "index 3 is out of bounds"),
        fails(
            with("another dtype", SampleTensor::ints(&[1], 0, 2), one().dtype(DType::Float32)),
            Code::DType,
            "dtype of input",
        ),
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "index_add",
    doc: "Returns `input` with `alpha` times the slices of `source` added at the given indices of `dim`; an index may come several times.\n\n\
          Slices are added in their order. `index` is a vector of int32 or int64 in `0..n`. \
          Source: PyTorch, `torch.index_add`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("dim", Kind::Int),
        Arg::tensor("index"),
        Arg::tensor("source"),
        Arg::optional("alpha", Kind::Factor, Default::Int(1)),
    ],
    class: Class::Index,
    node: "IndexAddBackward0",
    shown: NodeNaming::without(0b10),
    in_place: true,
    check: Check::Values(index_select::check),
    body: Body::Kernel { rule: rule_alpha, run },
    half: Half::Native,
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    saves: Saves { inputs: &[0, 0, 0b10], outputs: &[] },
    samples: || {
        vec![
            sample("rows", &[3, 2], 0, &[5, 2], false),
            sample("columns", &[2, 3], -1, &[2, 2], false),
            sample("a vector", &[4], 0, &[2], false),
            sample("no indices", &[3, 2], 0, &[0, 2], false),
            sample("a 0-dim tensor", &[], 0, &[], false),
        ]
    },
    errors,
    ..OpDef::BASE
}
.shipped();

/// `x` with the slices of `source` added at the given indices of `dim`.
pub fn index_add(x: &Tensor, dim: usize, index: &Tensor, source: &Tensor) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x), Some(index), Some(source)], Attrs::new().int(dim as i64))
}
