//! `cat` after giving every tensor enough dims.

use super::atleast::{atleast_1d, atleast_2d, atleast_3d};
use super::cases::fails;
use super::cat::cat;
use super::reshape::reshape;
use adjoint_autograd::{
    Arg, Body, ErrorSample, Kind, OpDef, Outputs, Sample, SampleArg, SampleTensor, Surface, Tensor,
};
use adjoint_tensor::{Code, Error, Result};
use smallvec::smallvec;

fn joined(
    inputs: &[Option<&Tensor>],
    each: fn(&Tensor) -> Result<Tensor>,
    dim: fn(&Tensor) -> usize,
) -> Result<Outputs> {
    let tensors: Vec<Tensor> = inputs.iter().flatten().map(|x| each(x)).collect::<Result<_>>()?;
    let Some(first) = tensors.first() else {
        return Err(Error::usage("expects a non-empty list of tensors"));
    };
    Ok(smallvec![cat(&tensors.iter().collect::<Vec<_>>(), dim(first))?])
}

/// Vectors and 0-dim tensors as columns.
fn column(x: &Tensor) -> Result<Tensor> {
    if x.rank() < 2 { reshape(x, &[x.numel(), 1]) } else { Ok(x.clone()) }
}

fn sample(label: &str, shapes: &[&[usize]]) -> Sample {
    Sample::new(label, vec![SampleArg::Tensors(shapes.iter().map(|s| Some(SampleTensor::new(s))).collect())])
}

fn samples() -> Vec<Sample> {
    vec![
        sample("vectors", &[&[3], &[3]]),
        sample("matrices", &[&[2, 3], &[2, 3]]),
        sample("0-dim tensors", &[&[], &[]]),
        sample("three dims", &[&[2, 1, 3], &[2, 1, 3]]),
    ]
}

fn errors() -> Vec<ErrorSample> {
    vec![
        fails(sample("none", &[]), Code::Usage, "non-empty list"),
        fails(sample("sizes that differ", &[&[2, 3, 4], &[5, 6, 7]]), Code::Shape, "must match"),
    ]
}

macro_rules! stack {
    ($name:literal, $each:expr, $dim:expr, $doc:literal) => {
        OpDef {
            name: $name,
            doc: concat!("Returns the given `tensors` ", $doc, " Source: PyTorch, `torch.", $name, "`."),
            args: &[Arg::required("tensors", Kind::Tensors)],
            surface: &[Surface::Function],
            body: Body::Composite(|inputs, _| joined(inputs, $each, $dim)),
            samples,
            errors,
            ..OpDef::COMPOSITE
        }
        .shipped()
    };
}

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[
    &stack!("column_stack", column, |_| 1, "joined along the second dim, vectors as columns."),
    &stack!("dstack", atleast_3d, |_| 2, "joined along the third dim, each made to have three by `atleast_3d`."),
    &stack!(
        "hstack",
        atleast_1d,
        |first| usize::from(first.rank() > 1),
        "joined along the second dim, or the first where they are vectors."
    ),
    &stack!("row_stack", atleast_2d, |_| 0, "joined along the first dim, vectors as rows; another name of `vstack`."),
    &stack!("vstack", atleast_2d, |_| 0, "joined along the first dim, vectors as rows."),
];
