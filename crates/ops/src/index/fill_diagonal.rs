//! A number on the diagonal of a matrix.

use super::masked_fill;
use crate::invoke;
use crate::shared::view::samples::fails;
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Body, Default, Kind, OpDef, Outputs, Sample, SampleTensor, Tensor, required,
};
use adjoint_tensor::{Array, Code, DType, Error, Result, scratch};
use smallvec::smallvec;

/// How far apart the elements of a diagonal are, and where in a row-major tensor it ends.
fn diagonal(shape: &[usize], wrap: bool) -> Result<(usize, usize)> {
    let &[rows, columns] = shape else {
        let &[n, ..] = shape else { return Err(needs_dims(shape)) };
        if shape.len() < 2 {
            return Err(needs_dims(shape));
        }
        if shape.iter().any(|&size| size != n) {
            return Err(Error::shape(format!("more than 2 dims must all be of one size, got shape {shape:?}")));
        }
        let step = shape.iter().fold(0usize, |step, _| step.saturating_mul(n).saturating_add(1));
        return Ok((step, usize::MAX));
    };
    // Without wrapping a tall matrix has its diagonal in its first square.
    let end = if wrap { usize::MAX } else { rows.min(columns).saturating_mul(columns) };
    Ok((columns + 1, end))
}

fn needs_dims(shape: &[usize]) -> Error {
    Error::shape(format!("expected at least 2 dims, got shape {shape:?}"))
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (x, value) = (required(inputs, 0), required(inputs, 1));
    let (step, end) = diagonal(x.shape(), attrs.get_bool(0))?;
    let mut marks = scratch::filled(0u8, x.numel())?;
    let end = end.min(marks.len());
    marks[..end].iter_mut().step_by(step.max(1)).for_each(|mark| *mark = 1);
    let mask = Tensor::from_array(Array::from_slice(&marks, x.shape())?.cast(DType::Bool)?);
    Ok(smallvec![invoke::with(&masked_fill::DEF, &[Some(x), Some(&mask), Some(value)], Attrs::new())?])
}

fn sample(label: &str, shape: &[usize], wrap: bool) -> Sample {
    Sample::new(label, vec![SampleTensor::new(shape).into(), SampleTensor::new(&[]).into(), Attr::Bool(wrap).into()])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "fill_diagonal",
    doc: "Writes `fillValue`, a number or a 0-dim tensor, to the main diagonal of `input`.\n\n\
          **Shapes**: a matrix, or more dims, all of one size. With `wrap` the diagonal of a tall matrix starts again below, after a row \
          without it. Only the in-place form is public. Source: PyTorch, `Tensor.fill_diagonal_`.",
    args: &[Arg::tensor("input"), Arg::number("fill_value"), Arg::optional("wrap", Kind::Bool, Default::Bool(false))],
    surface: &[Api::InPlaceMethod],
    body: Body::Composite(body),
    samples: || {
        vec![sample("a matrix", &[3, 4], false), sample("a tall one", &[7, 3], false), sample("wrapped", &[7, 3], true),
             sample("a cube", &[2, 2, 2], false)]
    },
    errors: || {
        vec![
            fails(sample("a vector", &[3], false), Code::Shape, "at least 2 dims"),
            fails(sample("no cube", &[2, 3, 2], false), Code::Shape, "all be of one size"),
        ]
    },
    ..OpDef::COMPOSITE
}
.shipped();
