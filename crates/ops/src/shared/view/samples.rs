//! Short forms for samples of ops that take a tensor and plain numbers.

use adjoint_autograd::{Attr, ErrorSample, Sample, SampleArg, SampleTensor};
use adjoint_tensor::Code;

/// A list of integers as an attribute.
pub fn ints(v: &[i64]) -> Attr {
    Attr::Ints(v.into())
}

/// An integer as an attribute.
pub fn int(v: i64) -> Attr {
    Attr::Int(v)
}

/// A call with a tensor of this shape and these attributes.
pub fn call(label: &str, shape: &[usize], attrs: impl IntoIterator<Item = Attr>) -> Sample {
    let first = SampleArg::from(SampleTensor::new(shape));
    Sample::new(label, std::iter::once(first).chain(attrs.into_iter().map(SampleArg::from)).collect())
}

/// A call with tensors of these shapes.
pub fn tensors(label: &str, shapes: &[&[usize]]) -> Sample {
    Sample::new(label, shapes.iter().map(|s| SampleTensor::new(s).into()).collect())
}

/// A call that fails.
pub fn fails(sample: Sample, code: Code, message: &'static str) -> ErrorSample {
    ErrorSample { sample, code, message }
}
