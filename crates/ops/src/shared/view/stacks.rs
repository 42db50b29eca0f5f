//! `cat` after giving every tensor enough dims.

use super::samples::fails;
use crate::view::cat::cat;
use adjoint_autograd::{Api, Arg, ErrorSample, Kind, OpDef, Outputs, Sample, SampleArg, SampleTensor, Tensor};
use adjoint_tensor::{Code, Error, Result};
use smallvec::smallvec;

/// What all of them have.
pub const STACK: OpDef = OpDef {
    args: &[Arg::required("tensors", Kind::Tensors)],
    surface: &[Api::Function],
    samples,
    errors,
    ..OpDef::COMPOSITE
};

/// The tensors, each after `each`, joined along the dim that `dim` says of the first.
pub fn joined(
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
