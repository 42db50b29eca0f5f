//! Powers in double precision.

use super::pow::pow;
use super::to::to;
use crate::shared::samples;
use adjoint_autograd::{Arg, Body, OpDef, Outputs, Tensor};
use adjoint_tensor::{DType, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], _: &adjoint_autograd::Attrs) -> Result<Outputs> {
    let [Some(x), Some(exponent)] = *inputs else { return Err(Error::usage("expected two tensors or numbers")) };
    // A number needs no cast: beside a float64 tensor it is a float64.
    let wide = |t: &Tensor| if t.is_wrapped_number() { Ok(t.clone()) } else { to(t, DType::Float64) };
    Ok(smallvec![pow(&wide(x)?, &wide(exponent)?)?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "float_power",
    doc: "Returns `input` to the power `exponent` in float64, whatever their dtypes, as `pow` does.\n\n\
          So integers take negative exponents. Shapes broadcast. Source: PyTorch, `torch.float_power`.",
    args: &[Arg::number("input"), Arg::number("exponent")],
    in_place: true,
    body: Body::Composite(body),
    samples: || samples::binary_in((0.3, 2.0), (-2.0, 2.0), &[]),
    ..OpDef::COMPOSITE
}
.shipped();
