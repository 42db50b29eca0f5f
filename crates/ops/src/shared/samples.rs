//! The samples most ops share.

use adjoint_autograd::{ErrorSample, Sample, SampleTensor};
use adjoint_tensor::Code;

/// Calls of an op of one tensor: several shapes, values in [-2, 2] away from the usual kinks.
pub fn unary() -> Vec<Sample> {
    unary_in(-2.0, 2.0, &[-1.0, 0.0, 1.0])
}

/// Calls of an op of one tensor with values in [low, high], at least 0.05 away from `avoid`.
pub fn unary_in(low: f64, high: f64, avoid: &'static [f64]) -> Vec<Sample> {
    let t = |shape: &[usize]| SampleTensor::new(shape).range(low, high).avoid(avoid);
    vec![
        Sample::new("a vector", vec![t(&[5]).into()]),
        Sample::new("a matrix", vec![t(&[3, 4]).into()]),
        Sample::new("a 0-dim tensor", vec![t(&[]).into()]),
        Sample::new("an empty tensor", vec![t(&[0, 3]).into()]),
    ]
}

/// Calls of an op of two tensors: equal and broadcast shapes.
pub fn binary() -> Vec<Sample> {
    binary_in((-2.0, 2.0), (-2.0, 2.0), &[0.0])
}

/// Calls of an op of two tensors with values in the given ranges, at least 0.05 away from `avoid`.
pub fn binary_in(x: (f64, f64), other: (f64, f64), avoid: &'static [f64]) -> Vec<Sample> {
    let a = |shape: &[usize]| SampleTensor::new(shape).range(x.0, x.1).avoid(avoid).distinct();
    let b = |shape: &[usize]| SampleTensor::new(shape).range(other.0, other.1).avoid(avoid).distinct();
    vec![
        Sample::new("equal shapes", vec![a(&[2, 3]).into(), b(&[2, 3]).into()]),
        Sample::new("a row", vec![a(&[2, 3]).into(), b(&[3]).into()]),
        Sample::new("a column and a row", vec![a(&[2, 1]).into(), b(&[3]).into()]),
        Sample::new("a 0-dim tensor", vec![a(&[4]).into(), b(&[]).into()]),
        Sample::new("an empty tensor", vec![a(&[0, 3]).into(), b(&[3]).into()]),
    ]
}

/// Shapes that do not broadcast.
pub fn binary_errors() -> Vec<ErrorSample> {
    vec![ErrorSample {
        sample: Sample::new(
            "shapes that do not broadcast",
            vec![SampleTensor::new(&[2, 3]).into(), SampleTensor::new(&[4]).into()],
        ),
        code: Code::Shape,
        message: "[2, 3]",
    }]
}
