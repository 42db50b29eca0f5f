//! Calls that generated tests make: one record an op drives forward, gradient, second gradient and
//! forward-mode tests.

use crate::op::attrs::Attr;
use adjoint_tensor::{Code, DType, Dims};

/// One call.
#[derive(Clone, Debug)]
pub struct Sample {
    /// What is special about it, for the test's name.
    pub label: String,
    /// The arguments, in the order of the op's parameters.
    pub args: Vec<SampleArg>,
    /// Whether gradients are smooth here, so that finite differences must agree.
    pub smooth: bool,
}

/// One argument of a sample.
#[derive(Clone, Debug)]
pub enum SampleArg {
    /// A tensor of random numbers.
    Tensor(SampleTensor),
    /// A list of tensors; `None` where one is left out.
    Tensors(Vec<Option<SampleTensor>>),
    /// Anything else.
    Attr(Attr),
}

/// A tensor of random numbers in a range, away from given points.
#[derive(Clone, Debug)]
pub struct SampleTensor {
    /// Sizes.
    pub shape: Dims,
    /// Element type; gradients are tested in float64, other floating types are tested for values.
    pub dtype: DType,
    /// Smallest and largest value.
    pub range: (f64, f64),
    /// Values are kept at least 0.05 away from these.
    pub avoid: &'static [f64],
    /// Values are pairwise different by at least this much, for ops that choose between elements.
    pub distinct: bool,
    /// Whether the gradient of this input is tested.
    pub requires_grad: bool,
}

impl SampleTensor {
    /// A float64 tensor with values in [-2, 2] whose gradient is tested.
    pub fn new(shape: &[usize]) -> Self {
        SampleTensor {
            shape: Dims::from_slice(shape),
            dtype: DType::Float64,
            range: (-2.0, 2.0),
            avoid: &[],
            distinct: false,
            requires_grad: true,
        }
    }

    /// An int64 tensor with values in `low..high`.
    pub fn ints(shape: &[usize], low: i64, high: i64) -> Self {
        SampleTensor {
            dtype: DType::Int64,
            range: (low as f64, high as f64),
            requires_grad: false,
            ..SampleTensor::new(shape)
        }
    }

    /// With values in [low, high].
    #[must_use]
    pub fn range(mut self, low: f64, high: f64) -> Self {
        self.range = (low, high);
        self
    }

    /// With values away from these.
    #[must_use]
    pub fn avoid(mut self, points: &'static [f64]) -> Self {
        self.avoid = points;
        self
    }

    /// With values that differ from each other.
    #[must_use]
    pub fn distinct(mut self) -> Self {
        self.distinct = true;
        self
    }

    /// Without a gradient.
    #[must_use]
    pub fn constant(mut self) -> Self {
        self.requires_grad = false;
        self
    }

    /// Of another element type.
    #[must_use]
    pub fn dtype(mut self, dtype: DType) -> Self {
        self.dtype = dtype;
        self.requires_grad &= dtype.is_float();
        self
    }
}

impl Sample {
    /// A call with these arguments.
    pub fn new(label: impl Into<String>, args: Vec<SampleArg>) -> Self {
        Sample { label: label.into(), args, smooth: true }
    }

    /// Marks a call at a kink, where only values are tested.
    #[must_use]
    pub fn kink(mut self) -> Self {
        self.smooth = false;
        self
    }
}

impl From<SampleTensor> for SampleArg {
    fn from(t: SampleTensor) -> Self {
        SampleArg::Tensor(t)
    }
}

impl From<Attr> for SampleArg {
    fn from(a: Attr) -> Self {
        SampleArg::Attr(a)
    }
}

/// A call that must fail with this kind of error, and whose message must contain this text.
#[derive(Clone, Debug)]
pub struct ErrorSample {
    /// The call.
    pub sample: Sample,
    /// The kind of the error.
    pub code: Code,
    /// A part of the message.
    pub message: &'static str,
}
