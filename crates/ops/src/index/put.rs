//! Elements written at places in row-major order.

use super::index_put::index_put;
use crate::shared::checks;
use crate::shared::indices::same_dtype;
use crate::shared::view::samples::fails;
use crate::view::reshape::reshape;
use adjoint_autograd::{Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Sample, SampleTensor, Tensor, required};
use adjoint_tensor::{Code, DType, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [x, places, source] = [0, 1, 2].map(|i| required(inputs, i));
    if places.dtype() != DType::Int64 {
        return Err(checks::wrong_integers("an index", "int64", places.dtype()));
    }
    same_dtype(x.dtype(), source.dtype(), "source")?;
    if places.numel() != source.numel() {
        return Err(Error::shape(format!(
            "expected source and index to have as many elements, got {} and {}",
            source.numel(),
            places.numel()
        )));
    }
    let flat = |t: &Tensor| reshape(t, &[t.numel()]);
    let out = index_put(&flat(x)?, &[Some(&flat(places)?)], &flat(source)?, attrs.get_bool(0))?;
    Ok(smallvec![reshape(&out, x.shape())?])
}

fn sample(label: &str, shape: &[usize], index: SampleTensor, accumulate: bool) -> Sample {
    let source = SampleTensor::new(&index.shape);
    Sample::new(
        label,
        vec![SampleTensor::new(shape).into(), index.into(), source.into(), Attr::Bool(accumulate).into()],
    )
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "put",
    doc: "Returns `input` with the elements of `source` written at the places of `index`, seen as a vector in row-major \
          order; or added, with `accumulate`.\n\n\
          Negative places count from the end. Of several for one place the last is written. Source: PyTorch, `torch.put`.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("index"),
        Arg::tensor("source"),
        Arg::optional("accumulate", Kind::Bool, Default::Bool(false)),
    ],
    in_place: true,
    body: Body::Composite(body),
    samples: || {
        vec![
            sample("one place", &[2, 3], SampleTensor::ints(&[1], 4, 4), false),
            sample("added", &[2, 3], SampleTensor::ints(&[2, 2], -6, 5), true),
        ]
    },
    errors: || vec![fails(sample("a place outside", &[2], SampleTensor::ints(&[1], 3, 3), false), Code::Index, "out of")],
    ..OpDef::COMPOSITE
}
.shipped();
