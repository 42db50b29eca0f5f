//! Rows of a table by number.

use crate::elementwise::{eq::eq, where_::where_};
use crate::index::index_select::index_select;
use crate::view::reshape::reshape;
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Arg, Attr, Attrs, Body, Class, ErrorSample, Kind, OpDef, Outputs, Sample, SampleTensor, Surface, Tensor, Vjp,
};
use adjoint_tensor::{Code, DType, Dims, Error, Result, Scalar};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (Some(ids), Some(weight)) = (inputs[0], inputs[1]) else { return Err(Error::usage("expected two tensors")) };
    if weight.rank() != 2 {
        return Err(Error::shape(format!("weight must have 2 dims, got shape {:?}", weight.shape())));
    }
    if !matches!(ids.dtype(), DType::Int64 | DType::Int32) {
        return Err(Error::dtype(format!(
            "input must be int64 or int32, got {}; cast with to('int64')",
            ids.dtype().name()
        )));
    }
    let (rows, width) = (weight.shape()[0], weight.shape()[1]);
    let flat = reshape(ids, &[ids.numel()])?;
    let mut out = index_select(weight, 0, &flat)?;
    if let Some(padding) = attrs.opt_int(0) {
        let at = if padding < 0 { padding + rows as i64 } else { padding };
        if at < 0 || at >= rows as i64 {
            return Err(Error::index(format!("padding_idx must be within the {rows} rows of weight, got {padding}")));
        }
        // The padding row is read but learns nothing.
        let padded = eq(&reshape(&flat, &[ids.numel(), 1])?, &Tensor::number(Scalar::Int(at))?)?;
        out = where_(&padded, &out.detach().with_wrap(out.wrap().cloned()), &out)?;
    }
    let mut shape = Dims::from_slice(ids.shape());
    shape.push(width);
    Ok(smallvec![reshape(&out, &shape)?])
}

fn samples() -> Vec<Sample> {
    let ids = |shape: &[usize]| SampleTensor::ints(shape, 0, 5).into();
    let table = || SampleTensor::new(&[5, 3]).into();
    vec![
        Sample::new("a vector of ids", vec![ids(&[4]), table()]),
        Sample::new("a matrix of ids", vec![ids(&[2, 3]), table()]),
        Sample::new("a padding row", vec![ids(&[6]), table(), Attr::Int(-2).into()]).kink(),
        Sample::new("no ids", vec![ids(&[0]), table()]),
    ]
}

fn errors() -> Vec<ErrorSample> {
    let table = || SampleTensor::new(&[5, 3]).into();
    vec![
        ErrorSample {
            sample: Sample::new("an id out of range", vec![SampleTensor::ints(&[2], 5, 6).into(), table()]),
            code: Code::Index,
            message: "5",
        },
        ErrorSample {
            sample: Sample::new("floating ids", vec![SampleTensor::new(&[2]).into(), table()]),
            code: Code::DType,
            message: "float64",
        },
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "embedding",
    doc: "Returns the rows of `weight` that the integers in `input` name.\n\n\
          `input: [*]`, `weight: [rows, width]`, result `[*, width]`. The row `padding_idx` (from the end if negative) gets no \
          gradient; repeated ids add theirs. Ids out of range are an IndexError. Source: PyTorch, \
          `torch.nn.functional.embedding`, without `max_norm`, `scale_grad_by_freq` and `sparse`.",
    args: &[Arg::tensor("input"), Arg::tensor("weight"), Arg::optional("padding_idx", Kind::Int, Default::None)],
    surface: &[Surface::Functional],
    class: Class::Composite,
    body: Body::Composite(body),
    vjp: Vjp::Composite,
    samples,
    errors,
    ..OpDef::BASE
}
.shipped();
