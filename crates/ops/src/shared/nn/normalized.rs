//! What normalizations of the last dims share: checks and samples.

use adjoint_autograd::{Attr, ErrorSample, Sample, SampleArg, SampleTensor};
use adjoint_tensor::{Code, Error, Meta, Result};

/// Fails unless the last dims of `x` are `shape`; returns the number of rows.
pub fn fits(x: &Meta, shape: &[usize]) -> Result<usize> {
    if shape.is_empty() {
        return Err(Error::shape("normalizedShape must have at least one dim, got []"));
    }
    match x.shape().strip_suffix(shape) {
        Some(lead) => Ok(lead.iter().product()),
        None => Err(Error::shape(format!(
            "expected an input whose last dims are normalizedShape {shape:?}, got shape {:?}",
            x.shape()
        ))
        .with("input", format_args!("{:?}", x.shape()))
        .with("normalizedShape", format_args!("{shape:?}"))),
    }
}

/// Fails unless an optional tensor has this shape.
pub fn same_shape(name: &str, x: Option<&Meta>, shape: &[usize]) -> Result<()> {
    match x.filter(|x| x.shape() != shape) {
        None => Ok(()),
        Some(x) => Err(Error::shape(format!(
            "expected a {name} of the shape of normalizedShape {shape:?}, got {:?}",
            x.shape()
        ))),
    }
}

fn sample(label: &str, shape: &[usize], normalized: &[i64], affine: usize) -> Sample {
    let sizes: Vec<usize> = normalized.iter().map(|&n| n as usize).collect();
    let mut args: Vec<SampleArg> = vec![SampleTensor::new(shape).into(), Attr::Ints(normalized.into()).into()];
    args.extend((0..affine).map(|_| SampleTensor::new(&sizes).into()));
    Sample::new(label, args)
}

/// Calls with and without weights; with `bias` there may be two.
pub fn samples(bias: bool) -> Vec<Sample> {
    let most = if bias { 2 } else { 1 };
    let mut out = vec![
        sample("rows", &[3, 5], &[5], most),
        sample("without a weight", &[2, 3, 4], &[4], 0),
        sample("two dims", &[2, 3, 4], &[3, 4], most),
        sample("the whole", &[7], &[7], most),
        sample("no rows", &[0, 3], &[3], most),
    ];
    if bias {
        out.push(sample("a weight without a bias", &[2, 6], &[6], 1));
    }
    out
}

/// Calls with shapes that do not go together.
pub fn errors() -> Vec<ErrorSample> {
    let fails = |sample, message| ErrorSample { sample, code: Code::Shape, message };
    let mut wrong_weight = sample("a weight of another shape", &[2, 3], &[3], 0);
    wrong_weight.args.push(SampleTensor::new(&[2]).into());
    vec![
        fails(sample("another last dim", &[2, 3], &[2], 0), "normalizedShape [2], got shape [2, 3]"),
        fails(sample("no dims", &[2, 3], &[], 0), "at least one dim"),
        fails(wrong_weight, "expected a weight of the shape of normalizedShape [3], got [2]"),
    ]
}
