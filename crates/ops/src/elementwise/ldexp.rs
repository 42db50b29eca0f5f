//! A number times a power of 2.

use super::{exp2::exp2, mul::mul, to::to};
use crate::shared::samples;
use adjoint_autograd::{Arg, Body, OpDef, required};
use adjoint_tensor::promotion::to_float;
use smallvec::smallvec;

/// The op.
pub static DEF: OpDef = OpDef {
    name: "ldexp",
    doc: "Returns `input · 2^other`, element by element.\n\n\
          Shapes broadcast and dtypes promote; integers give float32. Source: PyTorch, `torch.ldexp`.",
    args: &[Arg::tensor("input"), Arg::tensor("other")],
    in_place: true,
    body: Body::Composite(|inputs, _| {
        let [x, other] = [0, 1].map(|i| required(inputs, i));
        // Whole exponents in the dtype of the result, in which their powers are exact.
        let exponent = if other.dtype().is_float() { other.clone() } else { to(other, to_float(x.dtype()))? };
        Ok(smallvec![mul(x, &exp2(&exponent)?)?])
    }),
    samples: samples::binary,
    errors: samples::binary_errors,
    ..OpDef::COMPOSITE
}
.shipped();
