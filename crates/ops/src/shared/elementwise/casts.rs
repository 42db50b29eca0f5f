//! The dtypes as methods: `x.float()`.

use crate::elementwise::to;
use crate::shared::samples;
use crate::shared::view::memory_format;
use adjoint_autograd::{Api, Arg, Attrs, OpDef, Outputs, Sample, Tensor, required};
use adjoint_tensor::{DType, Result};

/// What all of them have.
pub const CAST: OpDef = OpDef {
    args: &[Arg::tensor("input"), memory_format::ARG],
    surface: &[Api::Method],
    // Finite differences do not see through a rounding.
    samples: || samples::unary().into_iter().map(Sample::kink).collect(),
    ..OpDef::COMPOSITE
};

/// The input in another dtype.
pub fn cast(inputs: &[Option<&Tensor>], attrs: &Attrs, dtype: DType) -> Result<Outputs> {
    to::convert(required(inputs, 0), dtype, false, attrs.get(0))
}
