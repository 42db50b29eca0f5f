//! Samples that products share.

use adjoint_autograd::{ErrorSample, Sample, SampleTensor};
use adjoint_tensor::Code;

/// A call with tensors of these shapes.
pub fn call(label: &str, shapes: &[&[usize]]) -> Sample {
    Sample::new(label, shapes.iter().map(|s| SampleTensor::new(s).into()).collect())
}

/// A call with tensors of these shapes that must fail for their shapes.
pub fn fails(label: &str, shapes: &[&[usize]], message: &'static str) -> ErrorSample {
    ErrorSample { sample: call(label, shapes), code: Code::Shape, message }
}
