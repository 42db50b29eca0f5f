//! Elements added at indices along a dim.

use super::gather;
use crate::invoke;
use crate::shared::indices;
use crate::shared::view::samples::{fails, int};
use crate::view::{reshape, slice};
use adjoint_autograd::{
    Arg, Attrs, Backward, Batching, Body, Call, Check, Class, ErrorSample, Facts, Grads, Half, Jvp, Kind, NodeNaming,
    OpDef, Sample, SampleTensor, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_cpu::index::at_least_1d;
use adjoint_tensor::dims::wrap_dim;
use adjoint_tensor::{Array, Code, Error, Result};
use smallvec::smallvec;

/// The rule of ops that write a source into `input` at indices along a dim.
pub(super) fn rule(call: &Facts) -> Result<Specs> {
    let (x, index, source) = (call.input(0), call.input(1), call.input(2));
    let dim = wrap_dim(call.attrs.get_int(0)?, x.rank())?;
    indices::same_dtype(x.dtype(), source.dtype(), "src")?;
    gather::fits(x.shape(), dim, index, "self")?;
    let (shape, from) = (at_least_1d(index.shape()), at_least_1d(source.shape()));
    if index.numel() > 0 {
        if shape.len() != from.len() {
            return Err(Error::shape(format!(
                "index tensor must have the same number of dimensions as src tensor, got shapes {:?} and {:?}",
                shape.as_slice(),
                from.as_slice()
            )));
        }
        if let Some(d) = (0..shape.len()).find(|&d| shape[d] > from[d]) {
            return Err(Error::shape(format!(
                "size does not match at dimension {d}: expected index {:?} to be no larger than src {:?}",
                shape.as_slice(),
                from.as_slice()
            )));
        }
    }
    Ok(Spec::one(x.shape(), x.dtype()))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    outs[0].assign(call.input(0))?;
    let dim = wrap_dim(call.attrs.get_int(0)?, outs[0].rank())?;
    gather::add_at(&mut outs[0], dim, &call.checked[0], call.input(2))
}

/// The gradient of a source: `g` at the indices, and 0 for elements of the source the index does
/// not reach.
pub(super) fn source_gradient(b: &Backward) -> Result<Tensor> {
    let mut out = gather::gather(b.g(), wrap_dim(b.attrs().get_int(0)?, b.g().rank())?, &b.input(1)?)?;
    if out.rank() < b.shape(2).len() {
        // A 0-dim index beside a vector counts as one of one element.
        out = reshape::reshape(&out, &[1])?;
    }
    for (d, &n) in b.shape(2).iter().enumerate() {
        if out.rank() > 0 && out.shape()[d] != n {
            out = slice::padded(&out, d, n)?;
        }
    }
    Ok(out)
}

fn vjp(b: &Backward) -> Result<Grads> {
    let dx = b.wants(0).then(|| b.g().clone());
    let dsource = b.wants(2).then(|| source_gradient(b)).transpose()?;
    Ok(smallvec![dx, None, dsource])
}

/// A call with random indices below the size of `dim`.
pub(super) fn sample(label: &str, shape: &[usize], dim: i64, index: &[usize], source: &[usize]) -> Sample {
    let mut call = gather::sample(label, shape, dim, index);
    call.args.push(SampleTensor::new(source).into());
    call
}

pub(super) fn errors() -> Vec<ErrorSample> {
    let outside = {
        let args = vec![
            SampleTensor::new(&[2, 2]).into(),
            int(0).into(),
            SampleTensor::ints(&[1, 2], 2, 2).into(),
            SampleTensor::new(&[1, 2]).into(),
        ];
        Sample::new("an index outside", args)
    };
    let message = "same number of dimensions as src";
    vec![
        fails(outside, Code::Index, "index 2 is out of bounds for dimension 0 with size 2"),
        fails(sample("another rank of the source", &[3, 5], 0, &[2, 2], &[2]), Code::Shape, message),
        fails(sample("another rank of the index", &[3, 5], 0, &[2], &[2]), Code::Shape, "as self tensor"),
        fails(sample("a source too small", &[3, 5], 0, &[2, 2], &[2, 1]), Code::Shape, "no larger than src"),
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "scatter_add",
    doc: "Returns `input` with `src` added at the indices: `out[i][index[i][j]] += src[i][j]` (for `dim` 1).\n\n\
          `index` has the rank of `input` and `src` and is no larger than either, except along `dim` of `input`. Elements are added \
          in their order. Source: PyTorch, `torch.scatter_add`.",
    args: &[Arg::tensor("input"), Arg::required("dim", Kind::Int), Arg::tensor("index"), Arg::tensor("src")],
    class: Class::Index,
    node: "ScatterAddBackward0",
    shown: NodeNaming::without(0b10),
    in_place: true,
    check: Check::Values(gather::check),
    body: Body::Kernel { rule, run },
    batching: &Batching::leading(&[0]),
    half: Half::Native,
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    saves: Saves { inputs: &[0, 0, 0b10], outputs: &[] },
    samples: || {
        vec![
            sample("rows", &[3, 4], 0, &[2, 4], &[2, 4]),
            sample("a smaller index", &[3, 4], 1, &[2, 3], &[3, 5]),
            sample("a vector", &[2], -1, &[5], &[5]),
            sample("a 0-dim tensor", &[], 0, &[], &[]),
            sample("no indices", &[3], 0, &[0], &[0]),
        ]
    },
    errors,
    ..OpDef::BASE
}
.shipped();

/// `x` with `source` added at `index` along `dim`.
pub fn scatter_add(x: &Tensor, dim: usize, index: &Tensor, source: &Tensor) -> Result<Tensor> {
    invoke::with(&DEF, &[Some(x), Some(index), Some(source)], Attrs::new().int(dim as i64))
}
