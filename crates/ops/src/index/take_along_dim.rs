//! `gather` with broadcasting.

use super::gather;
use crate::elementwise::{add, lt, where_};
use crate::shared::view::samples::{call, fails, int};
use crate::view::{expand, reshape};
use adjoint_autograd::{Arg, Attrs, Body, Default, Kind, OpDef, Outputs, Sample, SampleTensor, Tensor, required};
use adjoint_tensor::{Code, DType, Dims, Error, Result, Scalar, dims};
use smallvec::smallvec;

/// Indices that count from the end as ones that count from the start.
fn wrapped(index: &Tensor, n: usize) -> Result<Tensor> {
    if index.dtype().is_float() || index.dtype() == DType::Bool {
        return Ok(index.clone());
    }
    let number = |v: usize| Tensor::number(Scalar::Int(v as i64));
    where_::where_(&lt::lt(index, &number(0)?)?, &add::add(index, &number(n)?)?, index)
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [x, index] = [0, 1].map(|i| required(inputs, i));
    let Some(dim) = attrs.opt_int(0) else {
        let (x, index) = (reshape::reshape(x, &[x.numel()])?, reshape::reshape(index, &[index.numel()])?);
        return Ok(smallvec![gather::gather(&x, 0, &wrapped(&index, x.numel())?)?]);
    };
    if x.rank() != index.rank() {
        return Err(Error::shape(format!(
            "input and indices should have the same number of dimensions, but got shapes {:?} and {:?}",
            x.shape(),
            index.shape()
        )));
    }
    let dim = dims::wrap_dim(dim, x.rank())?;
    // All dims but the one indexed broadcast.
    let beside = |shape: &[usize], with: usize| -> Dims {
        shape.iter().enumerate().map(|(d, &n)| if d == dim { with } else { n }).collect()
    };
    let common = dims::broadcast(&beside(x.shape(), 1), &beside(index.shape(), 1))?;
    let at = |t: &Tensor| t.shape().get(dim).copied().unwrap_or(1);
    let (wide, indices) = (beside(&common, at(x)), beside(&common, at(index)));
    Ok(smallvec![gather::gather(&expand::expand(x, &wide)?, dim, &expand::expand(&wrapped(index, at(x))?, &indices)?)?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "take_along_dim",
    doc: "Returns the elements of `input` at the given `indices` of `dim`, as `gather` does, after broadcasting the other dims; negative ones count from the end; \
          without a `dim` both are seen as vectors.\n\nSource: PyTorch, `torch.take_along_dim`.",
    args: &[Arg::tensor("input"), Arg::tensor("indices"), Arg::optional("dim", Kind::Int, Default::None)],
    body: Body::Composite(body),
    samples: || {
        let s = |label, shape: &[usize], index: &[usize], dim| {
            let index = SampleTensor::ints(index, -2, 1);
            Sample::new(label, vec![SampleTensor::new(shape).into(), index.into(), dim])
        };
        vec![
            s("equal dims beside", &[3, 2], &[3, 4], int(1).into()),
            s("broadcast dims beside", &[2, 3], &[1, 3], int(0).into()),
            s("no dim", &[2, 3], &[4], adjoint_autograd::Attr::None.into()),
        ]
    },
    errors: || {
        let mut ranks = call("ranks that differ", &[2, 2], []);
        ranks.args.extend([SampleTensor::ints(&[1], 0, 0).into(), int(0).into()]);
        vec![fails(ranks, Code::Shape, "same number of dimensions")]
    },
    ..OpDef::COMPOSITE
}
.shipped();
